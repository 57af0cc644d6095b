"""Starts feeds that are due, and ends runs whose job died. The scheduler calls this every few seconds."""

from __future__ import annotations

from webapp.bulk.requester import requester_of
from webapp.core.texts import use_language
from webapp.db.session import db
from webapp.feeds.ending import end_run
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.feeds.services import start_run
from webapp.jobs.models import Job
from webapp.jobs.schedules import SCHEDULER
from webapp.jobs.timetables import dead_reason, end_dead_runs, start_due


def start_due_feeds() -> None:
    end_dead_runs(FeedRun, _end)
    start_due(Feed, lambda feed: start_run(feed, by=requester_of(feed) or SCHEDULER))


def _end(run: FeedRun, job: Job | None) -> None:
    feed = db.session.get_one(Feed, run.feed_id, with_for_update=True)
    with use_language(feed.locale):
        end_run(run, feed, RunOutcome.FAILED, dead_reason(job))
