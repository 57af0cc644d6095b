"""Undo changes of users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.checks import check_user_action, powers_of_actor
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import TextInput
from webapp.attributes.visibility import visible_attributes
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.invitations.queries import InvitationState, invitation_of
from webapp.users.inviting import invite_user, withdraw_invitation
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.users.services import audit_values, deactivate_user, reactivate_user, set_preferences, update_user
from webapp.users.values import audit_text

IDENTITY = frozenset({"email", "username", "name"})
PREFERENCES = frozenset({"locale", "timezone", "theme"})
WINDOW = frozenset({"starts_at", "ends_at"})


def _current_fields(record: AuditRecord, by: Actor) -> dict[str, Value]:
    user = _subject(record, by, Permission.USERS_EDIT)
    visible = {attribute.key for attribute in visible_attributes(live_attributes(), powers_of_actor(by))}
    if not visible.issuperset(former_attributes(record)):
        raise NotFound(_("This attribute does not exist"))
    values: dict[str, Value] = {FIELD_PREFIX + key: audit_text(user.attributes.get(key)) for key in visible}
    values |= audit_values(user)
    return {name: values.get(name) for name in record.changes}


def former_attributes(record: AuditRecord) -> dict[str, Any]:
    """Return the former values of the changed attributes as text input."""
    return {
        name.removeprefix(FIELD_PREFIX): TextInput(before or "")
        for name, (before, _after) in record.changes.items()
        if name.startswith(FIELD_PREFIX)
    }


def _is_undoable(field: str) -> bool:
    return field in IDENTITY | PREFERENCES | WINDOW or field.startswith(FIELD_PREFIX)


def _current_status(record: AuditRecord, by: Actor) -> dict[str, Value]:
    return {"status": str(_subject(record, by, Permission.USERS_DEACTIVATE).status)}


def _subject(record: AuditRecord, by: Actor, permission: Permission) -> User:
    user = get_user(record.subject_id)
    # People can undo changes of their own language, time zone and theme.
    if not (by.id == user.id and PREFERENCES.issuperset(record.changes)):
        check_user_action(by, permission, user_id=user.id)
    return user


def undo_update(record: AuditRecord, by: Actor) -> None:
    user = get_user(record.subject_id)
    former = {name: before for name, (before, _after) in record.changes.items()}
    fields: Any = {name: value for name, value in former.items() if name in IDENTITY | WINDOW}
    for name in WINDOW & fields.keys():
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    if attributes := former_attributes(record):
        fields["attributes"] = attributes
    if fields:
        update_user(user.id, version=user.version, **fields, by=by)
    if preferences := {name: value for name, value in former.items() if name in PREFERENCES}:
        set_preferences(user.id, by=by, **preferences)


def undo_deactivation(record: AuditRecord, by: Actor) -> None:
    reactivate_user(record.subject_id, by=by)


def undo_reactivation(record: AuditRecord, by: Actor) -> None:
    deactivate_user(record.subject_id, by=by)


def _current_invitation(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """Return the recorded values while they are still true: this link is open, or the invitation is withdrawn."""
    user = _subject(record, by, Permission.USERS_CREATE)
    found = invitation_of(user.id)
    is_same = found is not None and (
        found.is_open and str(found.id) == record.changes["invitation_id"][1]
        if record.action == Action.INVITATION_SENT
        else found.state == InvitationState.REVOKED
    )
    return {name: after if is_same else before for name, (before, after) in record.changes.items()}


def undo_invitation(record: AuditRecord, by: Actor) -> None:
    withdraw_invitation(record.subject_id, by=by)


def undo_withdrawal(record: AuditRecord, by: Actor) -> None:
    invite_user(record.subject_id, by=by)


UNDOS = {
    Action.USER_UPDATED: Undo(
        permission=Permission.USERS_EDIT, current=_current_fields, fields=_is_undoable, apply=undo_update
    ),
    Action.USER_DEACTIVATED: Undo(
        permission=Permission.USERS_DEACTIVATE, current=_current_status, apply=undo_deactivation
    ),
    Action.USER_REACTIVATED: Undo(
        permission=Permission.USERS_DEACTIVATE, current=_current_status, apply=undo_reactivation
    ),
    Action.INVITATION_SENT: Undo(
        permission=Permission.USERS_CREATE, current=_current_invitation, apply=undo_invitation
    ),
    Action.INVITATION_REVOKED: Undo(
        permission=Permission.USERS_CREATE, current=_current_invitation, apply=undo_withdrawal
    ),
}
