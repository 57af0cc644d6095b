"""Undo of deleting and restoring a user."""

from __future__ import annotations

from webapp.access.checks import check_user_action
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.bin.services import delete_user, restore_user
from webapp.core.permissions import Actor, Permission
from webapp.users.queries import get_user


def _current_status(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_user_action(by, Permission.USERS_DELETE, user_id=record.subject_id)
    return {"status": str(get_user(record.subject_id).status)}


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_user(record.subject_id, by=by)


def undo_restoration(record: AuditRecord, by: Actor) -> None:
    delete_user(record.subject_id, by=by)


UNDOS = {
    Action.USER_DELETED: Undo(permission=Permission.USERS_DELETE, current=_current_status, apply=undo_deletion),
    Action.USER_RESTORED: Undo(
        permission=Permission.USERS_DELETE,
        current=_current_status,
        # A new e-mail address that was chosen while restoring stays, because another person has the old one.
        fields=lambda name: name == "status",
        apply=undo_restoration,
    ),
}
