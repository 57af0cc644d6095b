"""How each bulk action changes one person. It calls the same service as the page for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.access.services import add_member, end_grant, end_membership, grant_role
from webapp.attributes.values import TextInput
from webapp.bin.services import delete_user, restore_user
from webapp.bulk.queries import live_grant_ids, live_membership_ids
from webapp.core.errors import Taken
from webapp.core.permissions import Actor
from webapp.users.inviting import invite_user, withdraw_invitation
from webapp.users.services import deactivate_user, lock_user, reactivate_user, update_user

Argument = Mapping[str, Any]
Change = Callable[[UUID, Argument, Actor], object]


def deactivate(user_id: UUID, _argument: Argument, by: Actor) -> None:
    deactivate_user(user_id, by=by)


def reactivate(user_id: UUID, _argument: Argument, by: Actor) -> None:
    reactivate_user(user_id, by=by)


def invite(user_id: UUID, _argument: Argument, by: Actor) -> None:
    invite_user(user_id, by=by)


def revoke_invitation(user_id: UUID, _argument: Argument, by: Actor) -> None:
    withdraw_invitation(user_id, by=by)


def add_role(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    scope_id = argument.get("within_id")
    # A person who has the role already needs no change.
    with suppress(Taken):
        grant_role(UUID(argument["role_id"]), user_id=user_id, scope_id=UUID(scope_id) if scope_id else None, by=by)


def remove_role(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    for grant_id in live_grant_ids(UUID(argument["role_id"]), user_id):
        end_grant(grant_id, by=by)


def add_to_group(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    with suppress(Taken):
        add_member(UUID(argument["group_id"]), user_id, by=by)


def remove_from_group(user_id: UUID, argument: Argument, by: Actor) -> None:
    lock_user(user_id)
    for membership_id in live_membership_ids(UUID(argument["group_id"]), user_id):
        end_membership(membership_id, by=by)


def set_access_end(user_id: UUID, argument: Argument, by: Actor) -> None:
    update_user(user_id, ends_at=datetime.fromisoformat(argument["ends_at"]), by=by)


def set_attribute(user_id: UUID, argument: Argument, by: Actor) -> None:
    update_user(user_id, attributes={argument["attribute"]: TextInput(argument["value"])}, by=by)


def delete(user_id: UUID, _argument: Argument, by: Actor) -> None:
    delete_user(user_id, by=by)


def restore(user_id: UUID, _argument: Argument, by: Actor) -> None:
    restore_user(user_id, by=by)


def no_change(_user_id: UUID, _argument: Argument, _by: Actor) -> None:
    """An export changes no one."""
