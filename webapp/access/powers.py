"""Who may do what, and to whom: powers as they count at this moment, and the groups that they reach over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    column,
    literal,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from webapp.access.models import DEPTH_MAX, OWNER, Group, Membership, Role, RoleGrant, allowed_by
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant

# All that this room knows of users; their own room stands above it.
PEOPLE = table("users", column("id", Uuid()), column("name"), column("status"), column("starts_at"), column("ends_at"))

_USER = bindparam("user_id", type_=Uuid())
_MOMENT: ColumnElement[Any] = bindparam("moment", type_=Instant())


def current(model: type[Membership | RoleGrant], moment: Any) -> ColumnElement[bool]:
    """Began, and did not end yet, at `moment`."""
    return and_(model.starts_at <= moment, or_(model.ends_at.is_(None), model.ends_at > moment))


def _around(first: Any) -> Any:
    """The groups of `first`, and those around them: (group_id, depth)."""
    groups = first.cte("around", recursive=True)
    parent = aliased(Group)
    further = (
        select(parent.parent_id, groups.c.depth + 1)
        .join(groups, parent.id == groups.c.group_id)
        .where(parent.parent_id.is_not(None), groups.c.depth < DEPTH_MAX)
    )
    return groups.union(further)


def _groups_of(user_id: Any, moment: Any) -> Any:
    joined = (
        select(Membership.group_id.label("group_id"), literal(1).label("depth"))
        .join(Group, Group.id == Membership.group_id)
        .where(Membership.user_id == user_id, current(Membership, moment), Group.deleted_at.is_(None))
    )
    return _around(joined)


def roles_held(user_id: Any) -> Select[Any]:
    """The roles that count for a person at `:moment`: (role_id, permissions, scope_id), by own grants and by groups'.

    Two reads by two indexes: with an `or` of them each grant of everybody would be looked at.
    """
    mine = _groups_of(user_id, _MOMENT)
    own = select(RoleGrant.role_id, RoleGrant.scope_id).where(RoleGrant.user_id == user_id)
    groups = select(RoleGrant.role_id, RoleGrant.scope_id).join(mine, mine.c.group_id == RoleGrant.group_id)
    grants = union_all(*(each.where(current(RoleGrant, _MOMENT)) for each in (own, groups))).subquery("grants")
    roles = select(Role.id.label("role_id"), Role.permissions, grants.c.scope_id)
    return roles.join(grants, grants.c.role_id == Role.id).where(Role.deleted_at.is_(None))


# Made once: everybody's requests ask for them.
_ROLES = roles_held(_USER).execution_options(**{PREPARED: ("user_id", "moment")})
_GROUP_IDS = select(_groups_of(_USER, _MOMENT).c.group_id).distinct()


def powers_of(user_id: UUID) -> Powers:
    """What this person may do now: by their own grants and by those of their groups; one statement."""
    return powers_from(db.session.execute(_ROLES, {"user_id": user_id, "moment": now()}))


def powers_from(roles: Iterable[Any]) -> Powers:
    """What rows of `roles_held` allow together."""
    return _combined((row.scope_id, allowed_by(row.role_id, row.permissions)) for row in roles)


def group_ids_of(user_id: UUID) -> frozenset[UUID]:
    """The groups that this person is in now, and those around them."""
    return frozenset(db.session.scalars(_GROUP_IDS, {"user_id": user_id, "moment": now()}))


def powers_through(group_id: UUID | None) -> Powers:
    """What members of this group may do because they are."""
    if group_id is None:
        return Powers()
    grants = (
        select(RoleGrant).options(joinedload(RoleGrant.role)).where(RoleGrant.group_id.in_(groups_around(group_id)))
    )
    rows = db.session.scalars(grants.where(current(RoleGrant, now())))
    return _combined((row.scope_id, row.role.allows) for row in rows if row.role.deleted_at is None)


def _combined(grants: Iterable[tuple[UUID | None, frozenset[Permission]]]) -> Powers:
    everywhere: frozenset[Permission] = frozenset()
    within: dict[UUID, frozenset[Permission]] = {}
    for scope_id, allows in grants:
        if scope_id is None:
            everywhere |= allows
        else:
            within[scope_id] = within.get(scope_id, frozenset()) | allows
    return Powers(everywhere, within)


def groups_around(group_id: UUID) -> frozenset[UUID]:
    """The group and every group around it."""
    around = _around(select(literal(group_id, Uuid()).label("group_id"), literal(1).label("depth")))
    return frozenset(db.session.scalars(select(around.c.group_id)))


def groups_inside(group_ids: Collection[UUID]) -> Any:
    """The groups and every group in them, as a subquery of ids."""
    first = select(Group.id.label("group_id"), literal(1).label("depth")).where(
        Group.id.in_(group_ids), Group.deleted_at.is_(None)
    )
    inside = first.cte("inside", recursive=True)
    child = aliased(Group)
    further = (
        select(child.id, inside.c.depth + 1)
        .join(inside, child.parent_id == inside.c.group_id)
        .where(child.deleted_at.is_(None), inside.c.depth < DEPTH_MAX)
    )
    return select(inside.union(further).c.group_id)


def members_within(group_ids: Collection[UUID]) -> Select[Any]:
    """The ids of everybody who is now in one of the groups, or in a group inside them.

    Which groups these are is read at once: PostgreSQL plans by how many people each of them has, and of groups that
    are still to be found it knows nothing. A list of 25 among a million took 12 s so, and takes 1 ms.
    """
    inside = db.session.scalars(groups_inside(group_ids)).all()
    return select(Membership.user_id).where(Membership.group_id.in_(inside), current(Membership, now()))


def holders_of(role_id: UUID) -> Select[Any]:
    """The ids of everybody who was given this role themselves, and holds it now."""
    return select(RoleGrant.user_id).where(
        RoleGrant.role_id == role_id, RoleGrant.user_id.is_not(None), current(RoleGrant, now())
    )


# A bulk change asks it once a person: made once. Joined, for of people who are active in a subquery SQLite reads all.
_LASTING_OWNERS = (
    select(RoleGrant.user_id)
    .join(PEOPLE, PEOPLE.c.id == RoleGrant.user_id)
    .where(
        RoleGrant.role_id == OWNER,
        RoleGrant.scope_id.is_(None),
        RoleGrant.starts_at <= _MOMENT,
        RoleGrant.ends_at.is_(None),
        PEOPLE.c.status == "active",
        or_(PEOPLE.c.starts_at.is_(None), PEOPLE.c.starts_at <= _MOMENT),
        PEOPLE.c.ends_at.is_(None),
    )
)


def lasting_owners() -> set[UUID]:
    """Who can sign in and is an owner themselves, everywhere; neither has an end."""
    return {user_id for user_id in db.session.scalars(_LASTING_OWNERS, {"moment": now()}) if user_id}


def inside_any(user_id: UUID, group_ids: frozenset[UUID]) -> bool:
    """Whether this person is in one of the groups, or in a group inside one."""
    return bool(group_ids & group_ids_of(user_id))
