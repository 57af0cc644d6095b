"""Scheduled exports for screenshots and browser tests: one that works, and one that failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport
from webapp.scheduled_exports.services import create_export


def create_exports(by: Actor) -> dict[str, UUID]:
    """Return the IDs of the exports by name."""
    values: Any = {"time_of_day": "06:00", "timezone": "Europe/Berlin"}
    main = create_export(name="Active people", address="status=active", weekday=0, **values, by=by)
    columns = ["email", "name", "groups", "last_sign_in_at"]
    failed = create_export(name="Отчёт для бухгалтерии", columns=columns, format="xlsx", **values, by=by)
    with transaction():
        for days in (8, 1):
            moment = now() - timedelta(days=days)
            ended: Any = {"started_at": moment, "ended_at": moment, "outcome": RunOutcome.DONE, "job_id": new_id()}
            db.session.add(ExportRun(export_id=main.id, people=1204 + days, filename="active-people-2f3c.csv", **ended))
        _end(main.id, RunOutcome.DONE, "")
        _end(failed.id, RunOutcome.FAILED, "An XLSX file can have at most 50,000 people.")
    return {"export": main.id, "export_failed": failed.id}


def _end(export_id: UUID, outcome: RunOutcome, message: str) -> None:
    export = db.session.get_one(ScheduledExport, export_id)
    export.last_outcome, export.last_message, export.last_run_at = outcome, message, now() - timedelta(days=1)
    if outcome is RunOutcome.FAILED:
        run = ExportRun(export_id=export_id, ended_at=now(), outcome=outcome, message=message, job_id=new_id())
        db.session.add(run)
