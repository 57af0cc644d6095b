"""How changes of users are taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.access.checks import check_act
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import undoes
from webapp.core.access import Actor, Permission
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.users.services import audited, deactivate_user, reactivate_user, set_preferences, update_user

IDENTITY = frozenset({"email", "username", "name"})
PREFERENCES = frozenset({"locale", "timezone", "theme"})
WINDOW = frozenset({"starts_at", "ends_at"})


def _edited(record: AuditRecord, by: Actor) -> dict[str, Value]:
    user = _seen(record, by, Permission.USERS_EDIT)
    values = audited(user)
    return {name: values.get(name) for name in record.changes}


def _state(record: AuditRecord, by: Actor) -> dict[str, Value]:
    return {"status": str(_seen(record, by, Permission.USERS_DEACTIVATE).status)}


def _seen(record: AuditRecord, by: Actor, permission: Permission) -> User:
    user = get_user(record.subject_id)
    # One's own language and theme are one's own business.
    if not (by.id == user.id and PREFERENCES.issuperset(record.changes)):
        check_act(by, permission, on=user.id)
    return user


@undoes(Action.USER_UPDATED, permission=Permission.USERS_EDIT, current=_edited, fields=IDENTITY | PREFERENCES | WINDOW)
def undo_update(record: AuditRecord, by: Actor) -> None:
    user = get_user(record.subject_id)
    back = {name: before for name, (before, _after) in record.changes.items()}
    edit: Any = {name: value for name, value in back.items() if name in IDENTITY | WINDOW}
    for name in WINDOW & edit.keys():
        edit[name] = datetime.fromisoformat(edit[name]) if edit[name] else None
    if edit:
        update_user(user.id, version=user.version, **edit, by=by)
    if preferences := {name: value for name, value in back.items() if name in PREFERENCES}:
        set_preferences(user.id, by=by, **preferences)


@undoes(Action.USER_DEACTIVATED, permission=Permission.USERS_DEACTIVATE, current=_state)
def undo_deactivation(record: AuditRecord, by: Actor) -> None:
    reactivate_user(record.subject_id, by=by)


@undoes(Action.USER_REACTIVATED, permission=Permission.USERS_DEACTIVATE, current=_state)
def undo_reactivation(record: AuditRecord, by: Actor) -> None:
    deactivate_user(record.subject_id, by=by)
