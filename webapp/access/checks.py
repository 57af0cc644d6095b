"""May they? Asked inside the transaction of the change; each answer is silence or a refusal.

Who works at the command line or is Rollcall itself may do everything.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from webapp.access.queries import (
    group_ids_of,
    groups_around,
    lasting_owners,
    powers_of,
    powers_through,
)
from webapp.core.errors import Forbidden, NotFound
from webapp.core.permissions import EVERY_POWER, PERMISSION_LABELS, Actor, ActorKind, Permission, Powers, Reach
from webapp.core.texts import _
from webapp.db.transactions import lock

# What a group's owner gains over somebody whom they take in does no harm.
_HARMLESS = {Permission.USERS_READ, Permission.GROUPS_MANAGE}


def powers_by(by: Actor) -> Powers:
    """What whoever acts may do, as it stands in this transaction."""
    if by.kind in {ActorKind.COMMAND, ActorKind.SYSTEM}:
        return EVERY_POWER
    return powers_of(by.id) if by.id else Powers()


def check_act(by: Actor, permission: Permission, *, on: UUID) -> None:
    """Raises NotFound for somebody they may not see, Forbidden for whom they may not do this to, or who stands above.

    Above stands who may do anything that they may not.
    """
    powers = powers_by(by)
    if powers == EVERY_POWER:
        return
    groups = group_ids_of(on)
    if not _reaches(powers.reach(Permission.USERS_READ), groups):
        raise NotFound(_("There is no such user."))
    if not _reaches(powers.reach(permission), groups):
        raise Forbidden(_("Your roles do not let you do this to this person."))
    if on != by.id and (more := beyond(powers, powers_of(on))):
        raise Forbidden(
            _("They may do what you may not (%(permissions)s), so you cannot change them.", permissions=_listed(more))
        )


def check_group(by: Actor, permission: Permission, *, group_id: UUID | None) -> None:
    """Raises Forbidden unless they hold the permission everywhere, or within this group or one around it."""
    reach = powers_by(by).reach(permission)
    if reach is not None and not (group_id and reach & groups_around(group_id)):
        raise Forbidden(_("Your roles do not let you do this in this group."))


def check_gives(by: Actor, given: Powers) -> None:
    """Raises Forbidden when they would give what they do not hold."""
    powers = powers_by(by)
    if powers != EVERY_POWER and (more := beyond(powers, given)):
        raise Forbidden(
            _("Nobody can give what they do not hold themselves: %(permissions)s.", permissions=_listed(more))
        )


def check_takes_in(by: Actor, user_id: UUID, *, group_id: UUID) -> None:
    """Raises NotFound or Forbidden when taking this person in would put them under powers that `by` lacks over them."""
    powers = powers_by(by)
    if powers == EVERY_POWER:
        return
    check_gives(by, powers_through(group_id))
    theirs = group_ids_of(user_id)
    if not _reaches(powers.reach(Permission.USERS_READ), theirs):
        raise NotFound(_("There is no such user."))
    _check_gains(powers, over=theirs, by_group=group_id)


def check_takes_group_in(by: Actor, group_id: UUID, *, parent_id: UUID) -> None:
    """The same for everybody in a group that is moved into another one."""
    check_gives(by, powers_through(parent_id))
    _check_gains(powers_by(by), over=groups_around(group_id), by_group=parent_id)


def _check_gains(powers: Powers, *, over: frozenset[UUID], by_group: UUID) -> None:
    """Raises Forbidden when inside this group `powers` would count over people of the groups `over`, and do not yet."""
    around = groups_around(by_group)
    gained = frozenset[Permission]().union(*(held for scope, held in powers.within.items() if scope in around))
    if any(not _reaches(powers.reach(permission), over) for permission in gained - _HARMLESS):
        raise Forbidden(_("You cannot take somebody into a group to gain power over them."))


def keep_an_owner(user_id: UUID) -> None:
    """Raises Forbidden when without this person there is no owner left. Others who ask the same wait until the end."""
    lock_owners()
    owners = lasting_owners()
    if owners == {user_id}:
        raise Forbidden(_("This is the last active owner. Make somebody else an owner first."))


def lock_owners() -> None:
    """Two who take each other's power in the same instant: the second one waits here, and is then refused."""
    lock("owners")


def beyond(mine: Powers, theirs: Powers) -> frozenset[Permission]:
    """What they may do somewhere where I may not."""
    more = theirs.everywhere - mine.everywhere
    for scope, held in theirs.within.items():
        rest = held - mine.everywhere
        if rest:
            around = groups_around(scope)
            rest -= frozenset[Permission]().union(*(mine.within[group] for group in mine.within.keys() & around))
        more |= rest
    return more


def _reaches(reach: Reach, groups: frozenset[UUID]) -> bool:
    return reach is None or bool(reach & groups)


def _listed(permissions: Collection[Permission]) -> str:
    return ", ".join(f"“{PERMISSION_LABELS[permission]}”" for permission in Permission if permission in permissions)
