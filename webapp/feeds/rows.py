"""Feeds and runs as the tables of the pages print them."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for

from webapp.feeds.kind import FEEDS
from webapp.feeds.labels import numbers_of, silence_label
from webapp.feeds.models import Feed, FeedRun
from webapp.recurring.rows import FAILED, RecurringRow, RunRow, recurring_row, run_row


def feed_row(feed: Feed) -> RecurringRow:
    row = recurring_row(FEEDS, feed, [feed.location, *([feed.owner.name] if feed.owner else [])])
    silence = silence_label(feed)
    return replace(row, outcome_label=silence, outcome_class=FAILED) if silence else row


def feed_run_row(run: FeedRun) -> RunRow:
    url = url_for("imports.show", import_id=run.import_id) if run.import_id else None
    people = ", ".join(f"{label}: {number}" for label, number in numbers_of(run.counts))
    return run_row(FEEDS, run, url=url, people=people)
