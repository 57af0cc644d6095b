"""Changes an existing person as a row of a plan says, by the services that pages use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from webapp.access.checks import lock_owners
from webapp.access.services import add_member, grant_role
from webapp.attributes.values import TextInput
from webapp.core.errors import Taken
from webapp.core.permissions import Actor
from webapp.core.statuses import Status
from webapp.imports.lookups import MANAGER
from webapp.imports.row_values import WINDOW, arguments_of
from webapp.users.changing_many import SIMPLE_FIELDS, Accept, update_users
from webapp.users.services import deactivate_user, lock_user, reactivate_user, update_user

_OWNER_LOCK_FIELDS = frozenset({"roles", "status", *WINDOW})


def change_people(values: Mapping[UUID, Mapping[str, Any]], *, by: Actor, accept: Accept) -> dict[UUID, UUID]:
    """Make the changes of many people that need few checks. Return their records. Leave the others to `change_person`.

    `values`: `ImportRow.values` of each person.
    """
    simple = {user_id: arguments_of(each) for user_id, each in values.items() if SIMPLE_FIELDS.issuperset(each)}
    return update_users(simple, by=by, accept=accept)


def lock_for_changes(values: Iterable[Mapping[str, Any] | None]) -> None:
    """Lock the owners if a change needs it. Call this before the first change of a chunk.

    The services lock the owners before a person. A chunk that did the reverse could end in a deadlock with them.
    """
    if any(not _OWNER_LOCK_FIELDS.isdisjoint(each or ()) for each in values):
        lock_owners()


def change_person(user_id: UUID, values: Mapping[str, Any], *, by: Actor) -> None:
    """Make the changes of `ImportRow.values`. Raise Refused."""
    fields: Any = arguments_of(values)
    if values.get("status") == Status.ACTIVE:
        reactivate_user(user_id, by=by)
    if fields:
        update_user(user_id, **fields, by=by)
    lock_user(user_id)
    for group_id in values.get("groups", ()):
        with suppress(Taken):
            add_member(UUID(group_id), user_id, by=by)
    for role_id, scope_id in values.get("roles", ()):
        with suppress(Taken):
            grant_role(UUID(role_id), user_id=user_id, scope_id=UUID(scope_id) if scope_id else None, by=by)
    if values.get("status") == Status.DEACTIVATED:
        deactivate_user(user_id, by=by)


def set_manager(user_id: UUID, email: str, *, by: Actor) -> None:
    """Set the manager by their address. Raise Refused, also if there is no such person."""
    update_user(user_id, attributes={MANAGER: TextInput(email)}, by=by)
