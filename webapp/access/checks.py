"""Checks of what an actor is allowed to do. See docs/design/access.md.

Call them in the transaction of the change. A check returns nothing or raises NotFound or Forbidden. The command line
and Rollcall itself pass every check. A command that acts for a person can do what this person can do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from webapp.access.group_tree import group_and_ancestors, group_ids_of
from webapp.access.models import FOREVER
from webapp.access.powers import (
    permanent_owners,
    powers_of,
    powers_of_members,
    powers_until,
    present_and_future_powers,
)
from webapp.core.errors import Forbidden, NotFound
from webapp.core.permissions import ALL_POWERS, PERMISSION_LABELS, Actor, ActorKind, Permission, Powers, Reach
from webapp.core.texts import _
from webapp.db.transactions import advisory_lock

# Managers of a group may always gain these two permissions over a new member.
_HARMLESS = {Permission.USERS_READ, Permission.GROUPS_MANAGE}


def powers_of_actor(by: Actor, read: Callable[[UUID], Powers] = powers_of) -> Powers:
    """Return the powers as they are in this transaction, not as they were at the start of the request."""
    if by.kind == ActorKind.SYSTEM or (by.kind == ActorKind.COMMAND and by.id is None):
        return ALL_POWERS
    return read(by.id).limited_to(by.scopes) if by.id else Powers()


def check_user_action(by: Actor, permission: Permission, *, user_id: UUID) -> None:
    """Check that `by` sees this person, holds the permission over them, and holds every permission that they hold.

    Permissions that the person will hold count, too. A limited API token lacks some permissions of its own owner. No
    token changes how its owner signs in: it would escape its end, its addresses and the second factor.
    """
    if permission == Permission.USERS_RESET and by.kind == ActorKind.TOKEN and user_id == by.id:
        raise Forbidden(_("An API token cannot change how its owner signs in"))
    powers = powers_of_actor(by)
    if powers == ALL_POWERS:
        return
    group_ids = group_ids_of(user_id)
    if not _includes(powers.reach(Permission.USERS_READ), group_ids):
        raise NotFound(_("This user does not exist"))
    if not _includes(powers.reach(permission), group_ids):
        raise Forbidden(_("Your roles do not let you do this to this user"))
    is_own = user_id == by.id and by.scopes is None
    if not is_own and (missing := missing_permissions(powers, present_and_future_powers(user_id))):
        raise Forbidden(
            _(
                "You cannot change this user because they have permissions you do not have: %(permissions)s",
                permissions=_list(missing),
            )
        )


def check_everywhere(by: Actor, permission: Permission) -> None:
    """Check that `by` holds the permission everywhere, not only within groups."""
    check_group_action(by, permission, group_id=None)


def check_group_action(by: Actor, permission: Permission, *, group_id: UUID | None) -> None:
    """Check that `by` holds the permission everywhere, or within this group or a group above it.

    With `group_id` None it must be everywhere. Raise NotFound for a group that `by` does not see.
    """
    powers = powers_of_actor(by)
    above = group_and_ancestors(group_id) if group_id else frozenset[UUID]()
    if _includes(powers.reach(permission), above):
        return
    if group_id and not _includes(powers.reach(Permission.USERS_READ), above):
        raise NotFound(_("This group does not exist"))
    raise Forbidden(_("Your roles do not let you do this in this group"))


def check_group_visible(by: Actor, group_id: UUID) -> None:
    """Check that `by` sees this group or manages it. Raise NotFound."""
    powers, above = powers_of_actor(by), group_and_ancestors(group_id)
    if not any(_includes(powers.reach(each), above) for each in (Permission.USERS_READ, Permission.GROUPS_MANAGE)):
        raise NotFound(_("This group does not exist"))


def check_holds(by: Actor, powers: Powers) -> None:
    """Check that `by` holds all these powers now. People cannot take back or change what they do not hold."""
    if missing := missing_permissions(powers_of_actor(by), powers):
        raise Forbidden(_("You cannot give permissions you do not have: %(permissions)s", permissions=_list(missing)))


def check_can_grant(by: Actor, granted: Powers, *, until: datetime | None = None) -> None:
    """Check that `by` holds all these powers now and until the moment `until`, or without an end."""
    check_holds(by, granted)
    lasting = powers_of_actor(by, lambda user_id: powers_until(user_id, until or FOREVER))
    if missing := missing_permissions(lasting, granted):
        raise Forbidden(
            _(
                "You cannot give permissions for longer than you have them: %(permissions)s. Choose an earlier end.",
                permissions=_list(missing),
            ),
            field="ends_at",
        )


def check_can_grant_roles_of_group(by: Actor, group_id: UUID, *, until: datetime | None = None) -> None:
    """Check that `by` could grant each role of the group until the role's end, or until `until` if that is earlier."""
    for end, powers in powers_of_members(group_id).items():
        check_can_grant(by, powers, until=min(end, until or FOREVER))


def check_holds_roles_of_group(by: Actor, group_id: UUID) -> None:
    """Check that `by` holds now what the members of the group have or will have because of it."""
    for powers in powers_of_members(group_id).values():
        check_holds(by, powers)


def check_can_add_member(by: Actor, user_id: UUID, *, group_id: UUID, until: datetime | None = None) -> None:
    """Check that `by` sees this person, could grant the group's roles, and gains no power over the person."""
    check_can_grant_roles_of_group(by, group_id, until=until)
    _check_visible(by, user_id)
    _check_no_gain(by, member_of=group_ids_of(user_id), new_group_id=group_id)


def check_can_remove_member(by: Actor, user_id: UUID, *, group_id: UUID) -> None:
    """Check that `by` sees this person and holds the group's roles."""
    check_holds_roles_of_group(by, group_id)
    _check_visible(by, user_id)


def check_can_move_group(by: Actor, group_id: UUID, *, parent_id: UUID) -> None:
    """Check the same as `check_can_add_member` for all members of a group that gets a new parent."""
    check_can_grant_roles_of_group(by, parent_id)
    _check_no_gain(by, member_of=group_and_ancestors(group_id), new_group_id=parent_id)


def _check_visible(by: Actor, user_id: UUID) -> None:
    if not _includes(powers_of_actor(by).reach(Permission.USERS_READ), group_ids_of(user_id)):
        raise NotFound(_("This user does not exist"))


def _check_no_gain(by: Actor, *, member_of: frozenset[UUID], new_group_id: UUID) -> None:
    """Check that what `by` can or will do in the new group reaches the members of the groups `member_of` already."""
    scopes = group_and_ancestors(new_group_id)
    by_scope = powers_of_actor(by, present_and_future_powers).by_scope
    inside = frozenset[Permission]().union(*(held for scope, held in by_scope.items() if scope in scopes))
    powers = powers_of_actor(by)
    if any(not _includes(powers.reach(permission), member_of) for permission in inside - _HARMLESS):
        raise Forbidden(_("You cannot add this user to your group"))


def check_owner_remains(user_id: UUID) -> None:
    """Check that there is a permanent owner besides this person. Locks the owners until the transaction ends."""
    lock_owners()
    if permanent_owners() == {user_id}:
        raise Forbidden(_("This is the last active owner. Make someone else an owner first."))


def lock_owners() -> None:
    """Serialise changes that can take powers away, so that two owners cannot remove each other at the same time."""
    advisory_lock("owners")


def missing_permissions(held: Powers, required: Powers) -> frozenset[Permission]:
    """Return the permissions in `required` that `held` lacks, everywhere or in a scope."""
    missing = required.everywhere - held.everywhere
    for scope, permissions in required.by_scope.items():
        rest = permissions - held.everywhere
        if rest:
            covering = held.by_scope.keys() & group_and_ancestors(scope)
            rest -= frozenset[Permission]().union(*(held.by_scope[group_id] for group_id in covering))
        missing |= rest
    return missing


def _includes(reach: Reach, group_ids: frozenset[UUID]) -> bool:
    return reach is None or bool(reach & group_ids)


def _list(permissions: Collection[Permission]) -> str:
    return ", ".join(f"“{PERMISSION_LABELS[permission]}”" for permission in Permission if permission in permissions)
