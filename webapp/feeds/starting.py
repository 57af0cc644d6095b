"""Starts feeds that are due, and ends runs whose job died. The scheduler calls this every few seconds."""

from __future__ import annotations

from webapp.feeds.ending import end_run
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import RunOutcome
from webapp.recurring.starting import start_due_rows


def start_due_feeds() -> None:
    start_due_rows(FEEDS, lambda run, feed, reason: end_run(run, feed, RunOutcome.FAILED, reason))
