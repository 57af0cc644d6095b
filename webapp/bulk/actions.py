"""What can be done to many people at once: each by the service that does it to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.attributes.values import TextInput
from webapp.audit.models import Action
from webapp.bin.services import delete_user, restore_user
from webapp.bulk.queries import live_grant_ids, live_membership_ids
from webapp.core.errors import Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.users.services import deactivate_user, lock_user, reactivate_user, update_user

Argument = Mapping[str, Any]
Change = Callable[[UUID, Argument, Actor], object]

EXPORT = "export"


@dataclass(frozen=True)
class Verb:
    """One thing that can be done to many.

    `recorded` is what each change is recorded as, `undone` what taking it back is. `sudo` asks for the
    password again, `undo_sudo` also to take it back. `asks` names the form of what it needs to know.
    """

    name: str
    label: str
    permission: Permission
    recorded: Action
    undone: Action
    change: Change
    asks: str = ""
    sudo: bool = False
    undo_sudo: bool = False
    danger: bool = False


def _deactivate(user_id: UUID, _argument: Argument, by: Actor) -> None:
    deactivate_user(user_id, by=by)


def _reactivate(user_id: UUID, _argument: Argument, by: Actor) -> None:
    reactivate_user(user_id, by=by)


def _add_role(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    scope_id = argument.get("within_id")
    # Whoever has it already is as is wanted.
    with suppress(Taken):
        grant_role(UUID(argument["role_id"]), user_id=user_id, scope_id=UUID(scope_id) if scope_id else None, by=by)


def _remove_role(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    for grant_id in live_grant_ids(UUID(argument["role_id"]), user_id):
        end_grant(grant_id, by=by)


def _add_group(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    with suppress(Taken):
        add_member(UUID(argument["group_id"]), user_id, by=by)


def _remove_group(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    for membership_id in live_membership_ids(UUID(argument["group_id"]), user_id):
        end_membership(membership_id, by=by)


def _end_access(user_id: UUID, argument: Argument, by: Actor) -> None:
    update_user(user_id, ends_at=datetime.fromisoformat(argument["ends_at"]), by=by)


def _set_attribute(user_id: UUID, argument: Argument, by: Actor) -> None:
    update_user(user_id, attributes={argument["attribute"]: TextInput(argument["value"])}, by=by)


def _delete(user_id: UUID, _argument: Argument, by: Actor) -> None:
    delete_user(user_id, by=by)


def _restore(user_id: UUID, _argument: Argument, by: Actor) -> None:
    restore_user(user_id, by=by)


def _nothing(_user_id: UUID, _argument: Argument, _by: Actor) -> None:
    """A file is made of people; nothing happens to them."""


_P, _A = Permission, Action
_ROLES = {"sudo": True, "undo_sudo": True}
_IN, _OUT = _A.USER_REACTIVATED, _A.USER_DEACTIVATED
_GIVEN, _TAKEN = _A.ROLE_GRANTED, _A.ROLE_REVOKED
_ADDED, _REMOVED = _A.MEMBER_ADDED, _A.MEMBER_REMOVED
_EDITED, _BIN, _BACK = _A.USER_UPDATED, _A.USER_DELETED, _A.USER_RESTORED
_FILE = _A.USERS_EXPORTED
VERBS = {
    verb.name: verb
    for verb in (
        Verb("deactivate", _("Deactivate"), _P.USERS_DEACTIVATE, _OUT, _IN, _deactivate, danger=True),
        Verb("reactivate", _("Reactivate"), _P.USERS_DEACTIVATE, _IN, _OUT, _reactivate),
        Verb("add_role", _("Give role"), _P.ROLES_GRANT, _GIVEN, _TAKEN, _add_role, "role", **_ROLES),
        Verb("remove_role", _("Remove role"), _P.ROLES_GRANT, _TAKEN, _GIVEN, _remove_role, "role", **_ROLES),
        Verb("add_group", _("Add to a group"), _P.GROUPS_MANAGE, _ADDED, _REMOVED, _add_group, "group"),
        Verb("remove_group", _("Remove from group"), _P.GROUPS_MANAGE, _REMOVED, _ADDED, _remove_group, "group"),
        Verb("end_access", _("Set access end date"), _P.USERS_EDIT, _EDITED, _EDITED, _end_access, "moment"),
        Verb("set_attribute", _("Set attribute"), _P.USERS_EDIT, _EDITED, _EDITED, _set_attribute, "attribute"),
        Verb(EXPORT, _("Export to file"), _P.USERS_EXPORT, _FILE, _FILE, _nothing, sudo=True),
        Verb("restore", _("Restore"), _P.USERS_DELETE, _BACK, _BIN, _restore, undo_sudo=True),
        Verb("delete", _("Delete"), _P.USERS_DELETE, _BIN, _BACK, _delete, sudo=True, danger=True),
    )
}
# What makes sense for people in the bin, and what for nobody else.
IN_THE_BIN = ("restore", EXPORT)
ONLY_IN_THE_BIN = ("restore",)
