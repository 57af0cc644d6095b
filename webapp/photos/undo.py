"""Undo of changes of photos. Former photos are kept for BIN_DAYS."""

from __future__ import annotations

from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.photos.queries import current_photo
from webapp.photos.services import check_photo_change, remove_photo, restore_photo


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_photo_change(by, record.subject_id)
    photo = current_photo(record.subject_id)
    return {"photo_id": str(photo.id) if photo else None}


def undo_change_of_photo(record: AuditRecord, by: Actor) -> None:
    before, _after = record.changes["photo_id"]
    if before is None:
        remove_photo(record.subject_id, by=by)
    else:
        restore_photo(record.subject_id, UUID(before), by=by)


UNDOS = dict.fromkeys(
    (Action.PHOTO_ADDED, Action.PHOTO_REPLACED, Action.PHOTO_REMOVED),
    Undo(Permission.USERS_EDIT, apply=undo_change_of_photo, current=_current),
)
