"""Undo of changes of saved mappings."""

from __future__ import annotations

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.imports.checks import check_may_import
from webapp.imports.mappings import audited_mapping, delete_mapping, rename_mapping, restore_mapping
from webapp.imports.models import SavedMapping

RUN = Permission.IMPORTS_RUN


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """Return the current values of the changed fields, None for each if the mapping is deleted."""
    check_may_import(by)
    saved = db.session.get(SavedMapping, record.subject_id, populate_existing=True)
    current = audited_mapping(saved) if saved else {}
    return {name: current.get(name) for name in record.changes}


def undo_renaming(record: AuditRecord, by: Actor) -> None:
    rename_mapping(record.subject_id, name=record.changes["name"][0], by=by)


def undo_saving(record: AuditRecord, by: Actor) -> None:
    delete_mapping(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_mapping(record.subject_id, {name: before for name, (before, _after) in record.changes.items()}, by=by)


UNDOS = {
    Action.MAPPING_CREATED: Undo(RUN, current=_current, apply=undo_saving),
    Action.MAPPING_UPDATED: Undo(RUN, current=_current, apply=undo_renaming, fields=lambda name: name == "name"),
    Action.MAPPING_DELETED: Undo(RUN, current=_current, apply=undo_deletion),
    Action.MAPPING_RESTORED: Undo(RUN, current=_current, apply=undo_saving),
}
