"""Working on whatever is due, one job after the other, as the hands of a worker do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import TESTER
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs import leases
from webapp.jobs.kinds import JobKinds
from webapp.jobs.models import Job, JobMessage
from webapp.jobs.services import cancel_job, enqueue, run_due_jobs
from webapp.web.api import App


@pytest.fixture(autouse=True)
def goes_on() -> Iterator[None]:
    yield
    leases.stopping.clear()


def asked(app: App, kind: str = "test.nothing", **arguments: object) -> UUID:
    with app.app_context():
        return enqueue(kind, by=TESTER, **arguments).id


def worked(app: App) -> None:
    with app.app_context():
        run_due_jobs(holder="here")


def states(app: App, *job_ids: UUID) -> list[tuple[str, int]]:
    with app.app_context():
        jobs = [db.session.get_one(Job, job_id) for job_id in job_ids]
        return [(job.state, job.attempts) for job in jobs]


def said(app: App) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(JobMessage.text).order_by(JobMessage.id)))


def test_all_that_is_due_is_done(app: App) -> None:
    jobs = [asked(app), asked(app, "test.count", steps=3), asked(app)]
    worked(app)
    assert states(app, *jobs) == [("done", 1)] * 3
    assert said(app) == ["step 0", "step 1", "step 2"]


def test_what_is_due_for_longest_comes_first(app: App) -> None:
    with app.app_context():
        for minutes in (2, 3, 1):
            earlier = now() - timedelta(minutes=minutes)
            enqueue("test.say", by=TESTER, run_after=earlier, text=f"{minutes} minutes ago")
    worked(app)
    assert said(app) == ["3 minutes ago", "2 minutes ago", "1 minutes ago"]


def test_what_is_not_due_waits(app: App) -> None:
    with app.app_context():
        job_id = enqueue("test.nothing", by=TESTER, run_after=now() + timedelta(hours=1)).id
    worked(app)
    assert states(app, job_id) == [("waiting", 0)]


def test_one_that_fails_undoes_and_holds_up_no_other(app: App) -> None:
    before, poison, after = asked(app, "test.count", steps=1), asked(app, "test.poison"), asked(app)
    worked(app)
    assert states(app, before, poison, after) == [("done", 1), ("waiting", 1), ("done", 1)]
    assert said(app) == ["step 0"]


def test_a_job_that_killed_its_worker_each_time_is_tried_no_more(app: App) -> None:
    job_id = asked(app)
    moment = now()
    for minute in range(app.registry.get(JobKinds)["test.nothing"].attempts):
        with time_machine.travel(moment + timedelta(minutes=2 * minute)), app.app_context():
            leases.recover_expired_leases()
            assert leases.acquire(holder="dies") == job_id
    other = asked(app)
    with time_machine.travel(moment + timedelta(hours=1)), app.app_context():
        leases.recover_expired_leases()
        run_due_jobs(holder="here")
        job = db.session.get_one(Job, job_id)
        assert (job.state, job.attempts, job.error) == ("failed", 5, "the worker died each time")
    assert states(app, other) == [("done", 1)]


def test_a_kind_that_the_code_knows_no_more_fails_and_holds_up_no_other(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, other = asked(app, "test.count", steps=1), asked(app)
    monkeypatch.delitem(app.registry.get(JobKinds), "test.count")
    worked(app)
    assert [state for state, _attempts in states(app, gone, other)] == ["failed", "done"]


def test_a_job_cancelled_while_its_worker_died_is_over_when_it_is_taken_up(app: App) -> None:
    job_id = asked(app, "test.count", steps=3)
    with app.app_context():
        leases.acquire(holder="dies")
        cancel_job(job_id, by=TESTER)
    with time_machine.travel(now() + timedelta(minutes=2)), app.app_context():
        leases.recover_expired_leases()
        run_due_jobs(holder="here")
    assert (states(app, job_id)[0][0], said(app)) == ("cancelled", [])


def test_a_worker_that_is_told_to_end_begins_no_other(app: App) -> None:
    first, second = asked(app, "test.end"), asked(app)
    worked(app)
    assert states(app, first, second) == [("done", 1), ("waiting", 0)]
