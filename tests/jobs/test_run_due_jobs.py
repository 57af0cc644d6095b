"""Run due jobs one after the other, as the threads of a worker do."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import TESTER
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs import leases
from webapp.jobs.kinds import JobKinds, JobRun, job_kind
from webapp.jobs.models import Job, JobMessage
from webapp.jobs.services import cancel_job, enqueue, run_due_jobs
from webapp.web.api import App


def enqueued(app: App, kind: str = "test.nothing", **arguments: object) -> UUID:
    with app.app_context():
        return enqueue(kind, by=TESTER, **arguments).id


def run(app: App) -> None:
    with app.app_context():
        run_due_jobs(holder="here")


def states(app: App, *job_ids: UUID) -> list[tuple[str, int]]:
    with app.app_context():
        jobs = [db.session.get_one(Job, job_id) for job_id in job_ids]
        return [(job.state, job.attempts) for job in jobs]


def messages(app: App) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(JobMessage.text).order_by(JobMessage.id)))


def test_all_due_jobs_run(app: App) -> None:
    jobs = [enqueued(app), enqueued(app, "test.count", steps=3), enqueued(app)]
    run(app)
    assert states(app, *jobs) == [("done", 1)] * 3
    assert messages(app) == ["step 0", "step 1", "step 2"]


def test_the_job_that_has_been_due_for_longest_runs_first(app: App) -> None:
    with app.app_context():
        for minutes in (2, 3, 1):
            earlier = now() - timedelta(minutes=minutes)
            enqueue("test.say", by=TESTER, run_after=earlier, text=f"{minutes} minutes ago")
    run(app)
    assert messages(app) == ["3 minutes ago", "2 minutes ago", "1 minutes ago"]


def test_a_job_that_is_not_due_waits(app: App) -> None:
    with app.app_context():
        job_id = enqueue("test.nothing", by=TESTER, run_after=now() + timedelta(hours=1)).id
    run(app)
    assert states(app, job_id) == [("waiting", 0)]


def test_a_failed_job_neither_undoes_nor_delays_others(app: App) -> None:
    before, poison, after = enqueued(app, "test.count", steps=1), enqueued(app, "test.poison"), enqueued(app)
    run(app)
    assert states(app, before, poison, after) == [("done", 1), ("waiting", 1), ("done", 1)]
    assert messages(app) == ["step 0"]


def test_a_job_that_kills_its_worker_fails_after_its_attempts(app: App) -> None:
    job_id = enqueued(app)
    moment = now()
    for minute in range(app.registry.get(JobKinds)["test.nothing"].attempts):
        with time_machine.travel(moment + timedelta(minutes=2 * minute)), app.app_context():
            leases.recover_expired_leases()
            assert leases.acquire(holder="dies") == job_id
    other = enqueued(app)
    with time_machine.travel(moment + timedelta(hours=1)), app.app_context():
        leases.recover_expired_leases()
        run_due_jobs(holder="here")
        job = db.session.get_one(Job, job_id)
        assert (job.state, job.attempts, job.error) == ("failed", 5, "the worker died each time")
    assert states(app, other) == [("done", 1)]


def test_a_job_of_an_unknown_kind_waits_for_a_newer_worker(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown, other = enqueued(app, "test.count", steps=1), enqueued(app)
    with monkeypatch.context() as older:
        older.delitem(app.registry.get(JobKinds), "test.count")
        run(app)
        assert states(app, unknown, other) == [("waiting", 0), ("done", 1)]
    with time_machine.travel(now() + timedelta(minutes=2)):
        run(app)
    assert states(app, unknown) == [("done", 1)]


def test_a_job_whose_kind_nobody_knows_fails_after_a_day(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = enqueued(app, "test.count", steps=1)
    monkeypatch.delitem(app.registry.get(JobKinds), "test.count")
    with time_machine.travel(now() + timedelta(hours=25)):
        run(app)
    assert [state for state, _attempts in states(app, gone)] == ["failed"]


def test_a_new_worker_retries_the_jobs_that_an_older_version_did_not_know(app: App) -> None:
    failed, other = enqueued(app, "test.count", steps=1), enqueued(app, "test.count", steps=1)
    with app.app_context(), transaction():
        for job_id, error in ((failed, "unknown kind"), (other, "ValueError: no")):
            job = db.session.get_one(Job, job_id)
            job.state, job.error, job.attempts, job.finished_at = "failed", error, 1, now()
    with app.app_context():
        leases.retry_unknown_kinds()
    run(app)
    assert states(app, failed, other) == [("done", 1), ("failed", 1)]


def test_a_job_that_was_cancelled_before_its_worker_died_is_not_run_again(app: App) -> None:
    job_id = enqueued(app, "test.count", steps=3)
    with app.app_context():
        leases.acquire(holder="dies")
        cancel_job(job_id, by=TESTER)
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        leases.recover_expired_leases()
        run_due_jobs(holder="here")
    assert (states(app, job_id)[0][0], messages(app)) == ("cancelled", [])


def test_a_stopping_worker_acquires_no_other_job(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()

    @job_kind("test.stop", label="Stop")
    def stop(run: JobRun) -> None:
        stopping.set()
        run.finish()

    monkeypatch.setitem(app.registry.get(JobKinds), "test.stop", stop)
    first, second = enqueued(app, "test.stop"), enqueued(app)
    with app.app_context():
        run_due_jobs(holder="here", is_stopping=stopping.is_set)
    assert states(app, first, second) == [("done", 1), ("waiting", 0)]
