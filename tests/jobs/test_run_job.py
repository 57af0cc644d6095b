"""Enqueue a job and run it, chunk by chunk."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import TESTER
from webapp.core.clock import now
from webapp.core.errors import Refused
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs import leases
from webapp.jobs.kinds import JobRun
from webapp.jobs.leases import LEASE
from webapp.jobs.models import Job, JobMessage, State
from webapp.jobs.notifier import Notifier
from webapp.jobs.services import cancel_job, enqueue, retry_job, run_due_jobs, run_job
from webapp.web.api import App


@pytest.fixture
def notified(app: App, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One item for each call of the notifier."""
    calls: list[str] = []
    monkeypatch.setattr(app.registry.get(Notifier), "notify", lambda: calls.append("notified"))
    return calls


def state(app: App, job_id: UUID) -> dict[str, object]:
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        return {name: getattr(job, name) for name in ("state", "done", "total", "attempts", "error", "result")}


def messages(app: App, job_id: UUID) -> list[str]:
    with app.app_context():
        query = select(JobMessage.text).where(JobMessage.job_id == job_id).order_by(JobMessage.id)
        return list(db.session.scalars(query))


def enqueued(app: App, kind: str, **arguments: object) -> UUID:
    with app.app_context():
        return enqueue(kind, by=TESTER, **arguments).id


def run(app: App, job_id: UUID, holder: str = "here") -> None:
    with app.app_context():
        run_job(job_id, holder=holder)


def test_a_job_runs_each_step_once(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.count", steps=10, chunk=3)
    assert notified == ["notified"]
    run(app, job_id)
    assert state(app, job_id) | {"attempts": 0} == {
        "state": "done", "done": 10, "total": 10, "attempts": 0, "error": None, "result": {"counted": 10},
    }  # fmt: skip
    assert messages(app, job_id) == [f"step {number}" for number in range(10)]


def test_a_second_run_does_nothing(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.count", steps=3)
    run(app, job_id)
    run(app, job_id)
    assert len(messages(app, job_id)) == 3


def test_a_rolled_back_transaction_enqueues_nothing(app: App, notified: list[str]) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            enqueue_and_fail()
        assert db.session.scalars(select(Job)).all() == []
    assert notified == []


@transaction()
def enqueue_and_fail() -> None:
    enqueue("test.nothing", by=TESTER)
    raise ZeroDivisionError


def test_an_unknown_kind_is_refused(app: App, notified: list[str]) -> None:
    with app.app_context(), pytest.raises(Refused, match="no kind of job"):
        enqueue("nonsense", by=TESTER)
    assert notified == []


def test_a_job_that_always_fails_ends_after_its_attempts_and_keeps_its_error(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.poison")
    moment = now()
    for minute in range(5):
        with time_machine.travel(moment + timedelta(minutes=minute)):
            run(app, job_id)
    assert state(app, job_id) | {"result": {}} == {
        "state": "failed", "done": 0, "total": None, "attempts": 3, "error": "RuntimeError: poison", "result": {},
    }  # fmt: skip
    assert messages(app, job_id) == []


def test_a_failed_chunk_is_retried_after_a_growing_delay(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.poison")
    run(app, job_id)
    run(app, job_id)
    assert state(app, job_id)["attempts"] == 1
    with time_machine.travel(now() + timedelta(seconds=3)):
        run(app, job_id)
    assert state(app, job_id)["attempts"] == 2


def test_a_retried_job_continues_from_its_checkpoint(
    app: App, notified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = enqueued(app, "test.count", steps=6)
    monkeypatch.setattr(JobRun, "advance", _failing_after(3))
    for minute in range(6):
        with time_machine.travel(now() + timedelta(minutes=20 * minute)):
            run(app, job_id)
    assert state(app, job_id)["state"] == "failed"
    monkeypatch.undo()
    with app.app_context():
        retry_job(job_id, by=TESTER)
    run(app, job_id)
    assert messages(app, job_id) == [f"step {number}" for number in range(6)]


def _failing_after(limit: int):
    advance = JobRun.advance

    def broken(run: JobRun, checkpoint: int, **progress: int) -> None:
        if checkpoint > limit:
            raise RuntimeError("broken")
        advance(run, checkpoint, **progress)

    return broken


def test_a_waiting_job_cannot_be_retried(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.nothing")
    with app.app_context(), pytest.raises(Refused):
        retry_job(job_id, by=TESTER)


def test_a_waiting_job_is_cancelled_at_once(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.count", steps=3)
    with app.app_context():
        cancel_job(job_id, by=TESTER)
    run(app, job_id)
    assert (state(app, job_id)["state"], messages(app, job_id)) == ("cancelled", [])


def test_an_expired_lease_is_acquired_by_another_worker_and_its_first_holder_stops(
    app: App, notified: list[str]
) -> None:
    job_id = enqueued(app, "test.count", steps=4)
    with app.app_context():
        assert leases.acquire(holder="dead") == job_id
        assert leases.run_chunk(job_id, holder="dead") == job_id
        assert leases.recover_expired_leases() == 0
    run(app, job_id, holder="too early")
    assert state(app, job_id)["done"] == 1
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)), app.app_context():
        assert leases.recover_expired_leases() == 1
        run_due_jobs(holder="next")
        assert leases.run_chunk(job_id, holder="dead") is None
    assert state(app, job_id)["state"] == State.DONE
    assert messages(app, job_id) == [f"step {number}" for number in range(4)]


def test_a_stopping_worker_releases_its_job(app: App, notified: list[str]) -> None:
    job_id = enqueued(app, "test.count", steps=5)
    with app.app_context():
        run_job(job_id, holder="stopping", is_stopping=lambda: True)
    assert (state(app, job_id)["state"], state(app, job_id)["done"]) == ("waiting", 1)
    run(app, job_id)
    assert messages(app, job_id) == [f"step {number}" for number in range(5)]


def test_a_job_with_a_later_time_waits_for_it(app: App, notified: list[str]) -> None:
    with app.app_context():
        job_id = enqueue("test.nothing", by=TESTER, run_after=now() + timedelta(hours=1)).id
    run(app, job_id)
    assert (state(app, job_id)["state"], notified) == ("waiting", [])
    with time_machine.travel(now() + timedelta(hours=2)):
        run(app, job_id)
    assert state(app, job_id)["state"] == "done"
