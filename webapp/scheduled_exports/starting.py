"""Starts exports that are due, and ends runs whose job died. The scheduler calls this every few seconds."""

from __future__ import annotations

from webapp.core.texts import use_language
from webapp.db.session import db
from webapp.jobs.models import Job
from webapp.jobs.schedules import SCHEDULER
from webapp.jobs.timetables import dead_reason, end_dead_runs, start_due
from webapp.scheduled_exports.ending import end_run
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport
from webapp.scheduled_exports.services import start_run


def start_due_exports() -> None:
    end_dead_runs(ExportRun, _end)
    start_due(ScheduledExport, lambda export: start_run(export, by=SCHEDULER))


def _end(run: ExportRun, job: Job | None) -> None:
    export = db.session.get_one(ScheduledExport, run.export_id, with_for_update=True)
    with use_language(export.locale):
        end_run(run, export, RunOutcome.FAILED, dead_reason(job))
