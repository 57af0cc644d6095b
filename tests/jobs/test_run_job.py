"""Asking for a job and working on it, chunk by chunk."""

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
from webapp.jobs import leases, services
from webapp.jobs.kinds import JobRun
from webapp.jobs.leases import LEASE
from webapp.jobs.models import Job, JobMessage, State
from webapp.jobs.services import cancel_job, enqueue, retry_job, run_due_jobs, run_job
from webapp.web.api import App


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As often as the bell rang."""
    heard: list[str] = []
    monkeypatch.setattr(services, "notify", lambda: heard.append("rung"))
    return heard


def state(app: App, job_id: UUID) -> dict[str, object]:
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        return {name: getattr(job, name) for name in ("state", "done", "total", "attempts", "error", "result")}


def said(app: App, job_id: UUID) -> list[str]:
    with app.app_context():
        query = select(JobMessage.text).where(JobMessage.job_id == job_id).order_by(JobMessage.id)
        return list(db.session.scalars(query))


def asked(app: App, kind: str, **arguments: object) -> UUID:
    with app.app_context():
        return enqueue(kind, by=TESTER, **arguments).id


def worked(app: App, job_id: UUID, holder: str = "here") -> None:
    with app.app_context():
        run_job(job_id, holder=holder)


def test_it_ends_done_with_all_its_steps_once(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.count", steps=10, chunk=3)
    assert rung == ["rung"]
    worked(app, job_id)
    assert state(app, job_id) | {"attempts": 0} == {
        "state": "done", "done": 10, "total": 10, "attempts": 0, "error": None, "result": {"counted": 10},
    }  # fmt: skip
    assert said(app, job_id) == [f"step {number}" for number in range(10)]


def test_a_second_bell_does_nothing(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.count", steps=3)
    worked(app, job_id)
    worked(app, job_id)
    assert len(said(app, job_id)) == 3


def test_a_rolled_back_transaction_asks_for_nothing(app: App, rung: list[str]) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            enqueue_and_fail()
        assert db.session.scalars(select(Job)).all() == []
    assert rung == []


@transaction()
def enqueue_and_fail() -> None:
    enqueue("test.nothing", by=TESTER)
    raise ZeroDivisionError


def test_an_unknown_kind_is_refused(app: App, rung: list[str]) -> None:
    with app.app_context(), pytest.raises(Refused, match="no job of the kind"):
        enqueue("nonsense", by=TESTER)
    assert rung == []


def test_poison_stops_after_its_attempts_with_its_error_kept(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.poison")
    moment = now()
    for minute in range(5):
        with time_machine.travel(moment + timedelta(minutes=minute)):
            worked(app, job_id)
    assert state(app, job_id) | {"result": {}} == {
        "state": "failed", "done": 0, "total": None, "attempts": 3, "error": "RuntimeError: poison", "result": {},
    }  # fmt: skip
    assert said(app, job_id) == []


def test_a_failed_chunk_waits_longer_each_time(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.poison")
    worked(app, job_id)
    worked(app, job_id)
    assert state(app, job_id)["attempts"] == 1
    with time_machine.travel(now() + timedelta(seconds=3)):
        worked(app, job_id)
    assert state(app, job_id)["attempts"] == 2


def test_a_retry_goes_on_where_it_stopped(app: App, rung: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = asked(app, "test.count", steps=6)
    monkeypatch.setattr(JobRun, "advance", _breaking_at(3))
    for minute in range(6):
        with time_machine.travel(now() + timedelta(minutes=20 * minute)):
            worked(app, job_id)
    assert state(app, job_id)["state"] == "failed"
    monkeypatch.undo()
    with app.app_context():
        retry_job(job_id, by=TESTER)
    worked(app, job_id)
    assert said(app, job_id) == [f"step {number}" for number in range(6)]


def _breaking_at(place: int):
    advance = JobRun.advance

    def broken(run: JobRun, at: int, **progress: int) -> None:
        if at > place:
            raise RuntimeError("broken")
        advance(run, at, **progress)

    return broken


def test_only_what_is_over_can_be_tried_again(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.nothing")
    with app.app_context(), pytest.raises(Refused):
        retry_job(job_id, by=TESTER)


def test_a_waiting_job_is_cancelled_at_once(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.count", steps=3)
    with app.app_context():
        cancel_job(job_id, by=TESTER)
    worked(app, job_id)
    assert (state(app, job_id)["state"], said(app, job_id)) == ("cancelled", [])


def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_stops(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.count", steps=4)
    with app.app_context():
        assert leases.acquire(holder="dead") == job_id
        assert leases.run_chunk(job_id, holder="dead", take_next=False) == (True, None)
        assert leases.recover_expired_leases() == 0
    worked(app, job_id, holder="too early")
    assert state(app, job_id)["done"] == 1
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)), app.app_context():
        assert leases.recover_expired_leases() == 1
        run_due_jobs(holder="next")
        assert leases.run_chunk(job_id, holder="dead", take_next=False) == (False, None)
    assert state(app, job_id)["state"] == State.DONE
    assert said(app, job_id) == [f"step {number}" for number in range(4)]


def test_a_worker_that_is_told_to_end_gives_its_job_back(app: App, rung: list[str]) -> None:
    job_id = asked(app, "test.count", steps=5)
    leases.stopping.set()
    worked(app, job_id)
    leases.stopping.clear()
    assert (state(app, job_id)["state"], state(app, job_id)["done"]) == ("waiting", 1)
    worked(app, job_id)
    assert said(app, job_id) == [f"step {number}" for number in range(5)]


def test_a_job_dated_ahead_waits_for_its_time(app: App, rung: list[str]) -> None:
    with app.app_context():
        job_id = enqueue("test.nothing", by=TESTER, run_after=now() + timedelta(hours=1)).id
    worked(app, job_id)
    assert (state(app, job_id)["state"], rung) == ("waiting", [])
    with time_machine.travel(now() + timedelta(hours=2)):
        worked(app, job_id)
    assert state(app, job_id)["state"] == "done"
