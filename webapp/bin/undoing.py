"""How moving somebody to the bin, and back, is taken back."""

from __future__ import annotations

from webapp.access.checks import check_act
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import undoes
from webapp.bin.services import delete_user, restore_user
from webapp.core.access import Actor, Permission
from webapp.users.queries import get_user


def _state(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_act(by, Permission.USERS_DELETE, on=record.subject_id)
    return {"status": str(get_user(record.subject_id).status)}


@undoes(Action.USER_DELETED, permission=Permission.USERS_DELETE, current=_state)
def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_user(record.subject_id, by=by)


@undoes(
    Action.USER_RESTORED,
    permission=Permission.USERS_DELETE,
    current=_state,
    # Whoever was given another e-mail on the way keeps it: there is no way back to one that is taken.
    fields=lambda name: name == "status",
)
def undo_restoration(record: AuditRecord, by: Actor) -> None:
    delete_user(record.subject_id, by=by)
