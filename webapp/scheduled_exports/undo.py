"""Undo of changes of scheduled exports."""

from __future__ import annotations

from typing import Any

from webapp.audit.models import AuditRecord
from webapp.core.permissions import Actor
from webapp.recurring.undo import undos
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.services import update_export

# Field of a record → argument of the service, if the names differ.
_ARGUMENTS = {"export_people": "address", "export_columns": "columns", "export_headings": "headings",
              "export_target": "target"}  # fmt: skip
_NUMBERS = {"export_keep": "keep", "weekday": "weekday"}


def undo_update(record: AuditRecord, by: Actor) -> None:
    values: dict[str, Any] = {}
    for name, (before, _after) in record.changes.items():
        if name in _NUMBERS:
            values[_NUMBERS[name]] = None if before is None else int(str(before))
        else:
            values[_ARGUMENTS.get(name, name)] = before
    update_export(record.subject_id, by=by, **values)


UNDOS = undos(EXPORTS, undo_update)
