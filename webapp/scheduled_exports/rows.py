"""Scheduled exports and runs as the tables of the pages print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.core.texts import _
from webapp.jobs.labels import day_label
from webapp.scheduled_exports.labels import outcome_label, state_label
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport, Target

QUIET = "status-cancelled"


@dataclass(frozen=True, slots=True)
class ExportRow:
    id: UUID
    name: str
    people: str
    format: str
    day_label: str
    time_of_day: str
    timezone: str
    state_label: str
    state_class: str
    outcome_label: str
    outcome_class: str
    last_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportRunRow:
    """`download_job_id`: the job whose file can be downloaded."""

    started_at: datetime
    outcome_label: str
    outcome_class: str
    filename: str
    message: str
    people: int | None
    job_id: UUID | None
    download_job_id: UUID | None


def people_label(address: str, lists: dict[str, str]) -> str:
    """Return the name of a list, else its address. Without an address it is everyone."""
    return lists.get(address) or address or str(_("Everyone"))


def export_rows(exports: Iterable[ScheduledExport], lists: dict[str, str]) -> list[ExportRow]:
    """`lists`: the names of lists by address."""
    return [
        ExportRow(
            id=export.id,
            name=export.name,
            people=people_label(export.list_address, lists),
            format=export.format.upper(),
            day_label=day_label(export.weekday),
            time_of_day=export.time_of_day,
            timezone=export.timezone,
            state_label=state_label(export),
            state_class=QUIET if export.paused_at else "status-done",
            outcome_label=outcome_label(export.last_outcome) if export.last_outcome else "",
            outcome_class=_class(export.last_outcome),
            last_run_at=export.last_run_at,
        )
        for export in exports
    ]


def run_rows(runs: Iterable[ExportRun], export: ScheduledExport) -> list[ExportRunRow]:
    is_download = export.target == Target.MAIL
    return [
        ExportRunRow(
            started_at=run.started_at,
            outcome_label=outcome_label(run.outcome) if run.outcome else "",
            outcome_class=_class(run.outcome),
            filename=run.filename,
            message=run.message,
            people=run.people if run.outcome == RunOutcome.DONE else None,
            job_id=run.job_id,
            # Older files were removed.
            download_job_id=run.job_id if is_download and run.outcome == RunOutcome.DONE else None,
        )
        for run in runs
    ]


def _class(outcome: str | None) -> str:
    return "status-failed" if outcome == RunOutcome.FAILED else "status-done"
