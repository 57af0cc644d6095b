"""Feeds and runs as the tables of the pages print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.feeds.labels import NUMBER_LABELS, outcome_label, state_label
from webapp.feeds.models import Feed, FeedRun, RunOutcome
from webapp.jobs.labels import day_label
from webapp.users.models import User

_CLASSES = {RunOutcome.APPLIED: "status-done", RunOutcome.STOPPED: "status-failed", RunOutcome.FAILED: "status-failed"}
QUIET = "status-cancelled"


@dataclass(frozen=True, slots=True)
class FeedRow:
    id: UUID
    name: str
    location: str
    state_label: str
    state_class: str
    day_label: str
    time_of_day: str
    timezone: str
    outcome_label: str
    outcome_class: str
    last_run_at: datetime | None
    owner: User | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """`outcome_label` is "" while it runs. `numbers`: (label, number of rows)."""

    started_at: datetime
    filename: str
    outcome_label: str
    outcome_class: str
    message: str
    numbers: list[tuple[str, int]]
    import_id: UUID | None
    job_id: UUID | None


def feed_rows(feeds: Iterable[Feed]) -> list[FeedRow]:
    return [
        FeedRow(
            id=feed.id,
            name=feed.name,
            location=feed.location,
            state_label=state_label(feed),
            state_class=QUIET if feed.paused_at else "status-done",
            day_label=day_label(feed.weekday),
            time_of_day=feed.time_of_day,
            timezone=feed.timezone,
            outcome_label=outcome_label(feed.last_outcome) if feed.last_outcome else "",
            outcome_class=outcome_class(feed.last_outcome),
            last_run_at=feed.last_run_at,
            owner=feed.owner,
        )
        for feed in feeds
    ]


def run_rows(runs: Iterable[FeedRun]) -> list[RunRow]:
    return [
        RunRow(
            started_at=run.started_at,
            filename=run.filename,
            outcome_label=outcome_label(run.outcome) if run.outcome else "",
            outcome_class=outcome_class(run.outcome),
            message=run.message,
            numbers=_numbers(run),
            import_id=run.import_id,
            job_id=run.job_id,
        )
        for run in runs
    ]


def outcome_class(outcome: str | None) -> str:
    return _CLASSES.get(RunOutcome(outcome), QUIET) if outcome in set(RunOutcome) else QUIET


def _numbers(run: FeedRun) -> list[tuple[str, int]]:
    """Return (label, number) of rows, without zeros."""
    own = [
        (label, sum(run.counts.get(outcome, 0) for outcome in outcomes)) for outcomes, label in NUMBER_LABELS.items()
    ]
    return [(str(label), number) for label, number in own if number]
