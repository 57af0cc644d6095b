"""Recurring work and its runs as the tables of the pages print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.jobs.labels import day_label
from webapp.recurring.kinds import Kind, Row, Run

DONE, QUIET, FAILED = "status-done", "status-cancelled", "status-failed"


@dataclass(frozen=True, slots=True)
class RecurringRow:
    """`notes`: short texts below the name."""

    id: UUID
    name: str
    notes: list[str]
    day_label: str
    time_of_day: str
    timezone: str
    state_label: str
    state_class: str
    outcome_label: str
    outcome_class: str
    last_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """`outcome_label` is empty while it runs. `url`: where its file leads to. `people`: numbers of people in words."""

    started_at: datetime
    outcome_label: str
    outcome_class: str
    job_id: UUID | None
    filename: str
    url: str | None
    message: str
    people: str


def recurring_row(kind: Kind[Row, Any], row: Row, notes: list[str]) -> RecurringRow:
    return RecurringRow(
        id=row.id,
        name=row.name,
        notes=notes,
        day_label=day_label(row.weekday),
        time_of_day=row.time_of_day,
        timezone=row.timezone,
        state_label=kind.state_label(row),
        state_class=QUIET if row.paused_at else DONE,
        outcome_label=kind.outcome_label(row.last_outcome),
        outcome_class=outcome_class(kind, row.last_outcome),
        last_run_at=row.last_run_at,
    )


def run_row(kind: Kind[Any, Run], run: Run, *, url: str | None, people: str) -> RunRow:
    return RunRow(
        started_at=run.started_at,
        outcome_label=kind.outcome_label(run.outcome),
        outcome_class=outcome_class(kind, run.outcome),
        job_id=run.job_id,
        filename=run.filename,
        url=url,
        message=run.message,
        people=people,
    )


def outcome_class(kind: Kind[Any, Any], outcome: str | None) -> str:
    if outcome in kind.problems:
        return FAILED
    return QUIET if outcome in kind.uneventful else DONE
