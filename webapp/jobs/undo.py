"""Undo of pausing and resuming a schedule."""

from __future__ import annotations

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.jobs.models import Schedule
from webapp.jobs.schedules import pause, resume


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """Return the name of the schedule if it is still as the record left it."""
    row = db.session.get(Schedule, record.subject_label, populate_existing=True)
    paused = row is not None and row.paused_at is not None
    same = paused == (record.action == Action.SCHEDULE_PAUSED)
    return {"schedule": record.subject_label if same else None}


UNDOS = {
    Action.SCHEDULE_PAUSED: Undo(
        Permission.JOBS_MANAGE, current=_current, apply=lambda record, by: resume(record.subject_label, by=by)
    ),
    Action.SCHEDULE_RESUMED: Undo(
        Permission.JOBS_MANAGE, current=_current, apply=lambda record, by: pause(record.subject_label, by=by)
    ),
}
