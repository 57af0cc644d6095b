"""Undo of adding and deleting a note. Deleted notes are kept for BIN_DAYS."""

from __future__ import annotations

from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.notes.queries import get_note
from webapp.notes.services import check_access, check_deletion, delete_note, restore_note


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_access(by, record.subject_id)
    try:
        note = get_note(_note_id(record), user_id=record.subject_id)
    except NotFound:
        return {"note_id": None}
    check_deletion(by, note)
    return {"note_id": str(note.id)}


def undo_addition(record: AuditRecord, by: Actor) -> None:
    delete_note(_note_id(record), user_id=record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_note(_note_id(record), user_id=record.subject_id, by=by)


def _note_id(record: AuditRecord) -> UUID:
    before, after = record.changes["note_id"]
    return UUID(before or after)


UNDOS = {
    Action.NOTE_ADDED: Undo(Permission.USERS_EDIT, apply=undo_addition, current=_current),
    Action.NOTE_DELETED: Undo(Permission.USERS_EDIT, apply=undo_deletion, current=_current),
    Action.NOTE_RESTORED: Undo(Permission.USERS_EDIT, apply=undo_addition, current=_current),
}
