"""When feeds run: at a time of day in a time zone, once even if a worker was away, and never twice at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.factories import TESTER
from tests.feeds.conftest import ANNA, BORIS, HEAD, Feeds
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.feeds.starting import start_due_feeds
from webapp.jobs.models import Job, State
from webapp.jobs.services import cancel_job
from webapp.jobs.timetables import DueWork, next_time, start_due_work
from webapp.recurring.services import pause_row

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("after", "time", "weekday", "expected"),
    [
        # Winter, summer, and the same moment does not count.
        ("2026-01-10T00:00", "02:30", None, "2026-01-10T01:30"),
        ("2026-07-10T00:00", "02:30", None, "2026-07-10T00:30"),
        ("2026-01-10T01:30", "02:30", None, "2026-01-11T01:30"),
        # On 29 March, clocks skip 02:30. On 25 October it occurs twice: the first one counts.
        ("2026-03-28T12:00", "02:30", None, "2026-03-29T01:30"),
        ("2026-10-24T12:00", "02:30", None, "2026-10-25T00:30"),
        ("2026-10-25T00:30", "02:30", None, "2026-10-26T01:30"),
        # A Monday, in the zone of the timetable: Sunday evening in UTC.
        ("2026-01-10T00:00", "00:15", 0, "2026-01-11T23:15"),
    ],
)
def test_the_next_time(after: str, time: str, weekday: int | None, expected: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (after, expected)]
    assert next_time(time, BERLIN, weekday, after=moments[0]) == moments[1]


def make_due(feeds: Feeds, feed_id: UUID) -> None:
    with feeds.app.app_context(), transaction():
        db.session.get_one(Feed, feed_id).next_run_at = now() - timedelta(days=3)


def start_due(feeds: Feeds) -> None:
    with feeds.app.app_context():
        start_due_work()


def count_runs(feeds: Feeds) -> int:
    with feeds.app.app_context():
        return db.session.scalar(select(func.count()).select_from(FeedRun)) or 0


def test_a_feed_that_is_due_runs_once(feeds: Feeds) -> None:
    feed_id = feeds.create(time_of_day="02:30", timezone=BERLIN)
    feeds.put(HEAD + ANNA + BORIS)
    start_due(feeds)
    assert count_runs(feeds) == 0
    make_due(feeds, feed_id)
    start_due(feeds)
    start_due(feeds)
    assert count_runs(feeds) == 1
    assert feeds.work(feed_id).outcome == RunOutcome.APPLIED
    following = feeds.get(feed_id).next_run_at
    assert following
    assert now() < following <= now() + timedelta(days=1)


@pytest.mark.one_engine
def test_a_paused_or_deleted_feed_is_never_due(feeds: Feeds) -> None:
    feed_id = feeds.create()
    assert feeds.api.post(f"/feeds/{feed_id}/pause").json["next_run_at"] is None
    start_due(feeds)
    resumed = feeds.api.delete(f"/feeds/{feed_id}/pause").json
    assert (resumed["paused_at"], bool(resumed["next_run_at"])) == (None, True)
    assert feeds.api.delete(f"/feeds/{feed_id}").status_code == 204
    assert feeds.get(feed_id).next_run_at is None
    restored = feeds.api.post(f"/feeds/{feed_id}/restoration").json
    assert (bool(restored["paused_at"]), restored["next_run_at"]) == (True, None)
    assert count_runs(feeds) == 0


def test_a_second_run_waits_for_the_end_of_the_first(feeds: Feeds) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    assert feeds.api.post(f"/feeds/{feed_id}/run").status_code == 202
    refused = feeds.api.post(f"/feeds/{feed_id}/run")
    assert (refused.status_code, refused.json["detail"]) == (409, "This feed is running")
    make_due(feeds, feed_id)
    start_due(feeds)
    assert count_runs(feeds) == 1
    assert feeds.work(feed_id).outcome == RunOutcome.APPLIED


@pytest.mark.one_engine
@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_run_whose_job_is_dead_ends_and_the_next_can_start(feeds: Feeds, end: str) -> None:
    feed_id = feeds.create()
    job_id = UUID(feeds.api.post(f"/feeds/{feed_id}/run").json["job_id"])
    with feeds.app.app_context():
        if end == "cancelled":
            cancel_job(job_id, by=TESTER)
        else:
            with transaction():
                db.session.get_one(Job, job_id).state = State.FAILED
        start_due_feeds()
        run = db.session.scalars(select(FeedRun)).one()
        assert (run.outcome, end[:6] in run.message) == (RunOutcome.FAILED, True)
    assert feeds.api.post(f"/feeds/{feed_id}/run").status_code == 202


@pytest.mark.one_engine
def test_deleting_a_feed_stops_its_run(feeds: Feeds) -> None:
    feed_id = feeds.create()
    feeds.put(HEAD + ANNA + BORIS)
    feeds.api.post(f"/feeds/{feed_id}/run")
    assert feeds.api.delete(f"/feeds/{feed_id}").status_code == 204
    assert feeds.work(feed_id).outcome == RunOutcome.FAILED


@pytest.mark.one_engine
def test_a_failure_of_one_feature_does_not_stop_the_others(feeds: Feeds) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    work = feeds.app.registry.get(DueWork)
    work.insert(0, broken)
    try:
        feed_id = feeds.create()
        make_due(feeds, feed_id)
        start_due(feeds)
        assert count_runs(feeds) == 1
    finally:
        work.remove(broken)
    with feeds.app.app_context():
        pause_row(FEEDS, feed_id, by=TESTER)
