"""Undo of changes of scheduled exports."""

from __future__ import annotations

from typing import Any

from webapp.access.undo import lifecycle_undos
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value, difference
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.scheduled_exports.models import ScheduledExport
from webapp.scheduled_exports.queries import export_not_found
from webapp.scheduled_exports.services import (
    ACTIVE,
    PAUSED,
    audited,
    delete_export,
    pause_export,
    restore_export,
    resume_export,
    update_export,
)

EXPORT = Permission.USERS_EXPORT
# Field of a record → argument of the service, if the names differ.
_ARGUMENTS = {"export_people": "address", "export_columns": "columns", "export_headings": "headings",
              "export_target": "target"}  # fmt: skip
_NUMBERS = {"export_keep": "keep", "weekday": "weekday"}


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    export = db.session.get(ScheduledExport, record.subject_id, populate_existing=True)
    if export is None or (by.id is not None and export.requested_by_id != by.id):
        raise export_not_found()
    if export.deleted_at:
        return {}
    values = {name: after for name, (_before, after) in difference({}, audited(export)).items()}
    return values | {"export_state": PAUSED if export.paused_at else ACTIVE}


def undo_update(record: AuditRecord, by: Actor) -> None:
    values: dict[str, Any] = {}
    for name, (before, _after) in record.changes.items():
        if name in _NUMBERS:
            values[_NUMBERS[name]] = None if before is None else int(str(before))
        else:
            values[_ARGUMENTS.get(name, name)] = before
    update_export(record.subject_id, by=by, **values)


UNDOS = lifecycle_undos(
    permission=EXPORT,
    current=_current,
    actions=(
        Action.SCHEDULED_EXPORT_CREATED,
        Action.SCHEDULED_EXPORT_UPDATED,
        Action.SCHEDULED_EXPORT_DELETED,
        Action.SCHEDULED_EXPORT_RESTORED,
    ),
    update=undo_update,
    delete=delete_export,
    restore=restore_export,
) | {
    Action.SCHEDULED_EXPORT_PAUSED: Undo(
        EXPORT, apply=lambda record, by: resume_export(record.subject_id, by=by), current=_current
    ),
    Action.SCHEDULED_EXPORT_RESUMED: Undo(
        EXPORT, apply=lambda record, by: pause_export(record.subject_id, by=by), current=_current
    ),
}
