"""Named reads of who may do what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    column,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from webapp.access.models import DEPTH_MAX, OWNER, Group, Membership, Role, RoleGrant, allowed_by
from webapp.core.access import Permission, Powers
from webapp.core.clock import now
from webapp.core.database import Instant, db
from webapp.core.errors import NotFound
from webapp.core.languages import _

# All that this room knows of users; their own room stands above it.
_users = table("users", column("id", Uuid()), column("name"), column("status"), column("starts_at"), column("ends_at"))

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


_MINE = _groups_of(_USER, _MOMENT)
# Every request of everybody begins with it: made once.
_POWERS = (
    select(Role.id, Role.permissions, RoleGrant.scope_id)
    .join(RoleGrant, RoleGrant.role_id == Role.id)
    .where(
        Role.deleted_at.is_(None),
        current(RoleGrant, _MOMENT),
        or_(RoleGrant.user_id == _USER, RoleGrant.group_id.in_(select(_MINE.c.group_id))),
    )
)
_GROUP_IDS = select(_MINE.c.group_id).distinct()


def powers_of(user_id: UUID) -> Powers:
    """What this person may do now: by their own grants and by those of their groups; one statement."""
    rows = db.session.execute(_POWERS, {"user_id": user_id, "moment": now()}).all()
    return _combined((row.scope_id, allowed_by(row.id, row.permissions)) for row in rows)


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
    .join(_users, _users.c.id == RoleGrant.user_id)
    .where(
        RoleGrant.role_id == OWNER,
        RoleGrant.scope_id.is_(None),
        RoleGrant.starts_at <= _MOMENT,
        RoleGrant.ends_at.is_(None),
        _users.c.status == "active",
        or_(_users.c.starts_at.is_(None), _users.c.starts_at <= _MOMENT),
        _users.c.ends_at.is_(None),
    )
)


def lasting_owners() -> set[UUID]:
    """Who can sign in and is an owner themselves, everywhere; neither has an end."""
    return {user_id for user_id in db.session.scalars(_LASTING_OWNERS, {"moment": now()}) if user_id}


def first_role_of(user_id: Any) -> Any:
    """The name of a person's first role by name, as a part of a larger query; None when they have none."""
    query = (
        select(func.min(Role.name))
        .join(RoleGrant, RoleGrant.role_id == Role.id)
        .where(RoleGrant.user_id == user_id, Role.deleted_at.is_(None), current(RoleGrant, now()))
    )
    return query.scalar_subquery()


def name_of(user_id: UUID) -> str:
    """What this person is called; nothing when there is no such person."""
    return db.session.scalar(select(_users.c.name).where(_users.c.id == user_id)) or ""


@dataclass(frozen=True)
class Labels:
    """What a list says of a person: their own roles and groups, by name."""

    roles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def labels_of(user_ids: Collection[UUID]) -> dict[UUID, Labels]:
    """Roles and groups of these people: one statement."""
    labels = {user_id: Labels() for user_id in user_ids}
    if not labels:
        return labels
    moment = now()
    roles = (
        select(RoleGrant.user_id, literal("role").label("what"), Role.name)
        .join(Role, Role.id == RoleGrant.role_id)
        .where(RoleGrant.user_id.in_(user_ids), Role.deleted_at.is_(None), current(RoleGrant, moment))
    )
    groups = (
        select(Membership.user_id, literal("group"), Group.name)
        .join(Group, Group.id == Membership.group_id)
        .where(Membership.user_id.in_(user_ids), Group.deleted_at.is_(None), current(Membership, moment))
    )
    rows: Any = db.session.execute(union_all(roles, groups))
    for user_id, what, name in rows:
        known = labels[user_id].roles if what == "role" else labels[user_id].groups
        if name not in known:
            known.append(name)
    for label in labels.values():
        label.roles.sort()
        label.groups.sort()
    return labels


def grants_of(user_id: UUID) -> list[RoleGrant]:
    """Every grant that counts for this person, or will: their own and those of the groups they are in."""
    group_ids = group_ids_of(user_id)
    query = (
        select(RoleGrant)
        .join(RoleGrant.role)
        .where(
            Role.deleted_at.is_(None),
            or_(RoleGrant.user_id == user_id, RoleGrant.group_id.in_(group_ids)),
            or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > now()),
        )
        .options(joinedload(RoleGrant.role), joinedload(RoleGrant.group), joinedload(RoleGrant.scope))
        .order_by(RoleGrant.id)
    )
    return list(db.session.scalars(query))


def memberships_of(user_id: UUID) -> list[Membership]:
    """The groups that a person is in or will be, by name."""
    query = (
        select(Membership)
        .join(Membership.group)
        .where(
            Membership.user_id == user_id,
            Group.deleted_at.is_(None),
            or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
        )
        .options(joinedload(Membership.group))
        .order_by(Group.name_sort)
    )
    return list(db.session.scalars(query))


def listed_roles() -> list[Role]:
    """All roles, the built-in ones first; they are few."""
    roles = db.session.scalars(select(Role).where(Role.deleted_at.is_(None)).order_by(Role.name_key))
    return sorted(roles, key=lambda role: (not role.built_in, role.id if role.built_in else 0, role.name_key))


def get_role(role_id: UUID) -> Role:
    """Raises NotFound, also for one that was deleted."""
    role = db.session.get(Role, role_id)
    if role is None or role.deleted_at:
        raise NotFound(_("There is no such role."))
    return role


def get_group(group_id: UUID) -> Group:
    """Raises NotFound, also for one that was deleted."""
    group = db.session.get(Group, group_id)
    if group is None or group.deleted_at:
        raise NotFound(_("There is no such group."))
    return group


def named(model: Any, key: str) -> Any:
    """The live role or group of this name or id; None when there is none."""
    with suppress(ValueError):
        row = db.session.get(model, UUID(key))
        return row if row and not row.deleted_at else None
    return db.session.scalars(select(model).where(model.name_key == key)).first()


def grant_counts() -> dict[UUID, tuple[int, int]]:
    """How many people and groups hold each role now."""
    query = (
        select(RoleGrant.role_id, func.count(RoleGrant.user_id), func.count(RoleGrant.group_id))
        .where(current(RoleGrant, now()))
        .group_by(RoleGrant.role_id)
    )
    return {role_id: (people, groups) for role_id, people, groups in db.session.execute(query)}


def inside_any(user_id: UUID, group_ids: frozenset[UUID]) -> bool:
    """Whether this person is in one of the groups, or in a group inside one."""
    return bool(group_ids & group_ids_of(user_id))
