"""Named reads of roles, groups and who has them. What anybody may do is reckoned in `powers`, whose door this is."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from webapp.access.models import Group, Membership, Role, RoleGrant
from webapp.access.powers import (
    PEOPLE,
    current,
    group_ids_of,
    groups_around,
    groups_inside,
    holders_of,
    inside_any,
    lasting_owners,
    members_within,
    powers_from,
    powers_of,
    powers_through,
    roles_held,
)
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Permission, Powers, Reach
from webapp.core.text import folded, key
from webapp.core.texts import _
from webapp.db.operators import among
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant

# Of groups in a list to choose from.
CHOICES_MAX = 500


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
    return db.session.scalar(select(PEOPLE.c.name).where(PEOPLE.c.id == user_id)) or ""


@dataclass(frozen=True)
class Labels:
    """What a list says of a person: their own roles and groups, by name."""

    roles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def _labels() -> Any:
    moment: ColumnElement[Any] = bindparam("moment", type_=Instant())
    roles = (
        select(RoleGrant.user_id, literal("role").label("what"), Role.name)
        .join(Role, Role.id == RoleGrant.role_id)
        .where(among(RoleGrant.user_id, "user_ids"), Role.deleted_at.is_(None), current(RoleGrant, moment))
    )
    groups = (
        select(Membership.user_id, literal("group"), Group.name)
        .join(Group, Group.id == Membership.group_id)
        .where(among(Membership.user_id, "user_ids"), Group.deleted_at.is_(None), current(Membership, moment))
    )
    return union_all(roles, groups).execution_options(**{PREPARED: ("user_ids", "moment")})


# Every list of people asks for them: made once.
_LABELS = _labels()


def labels_of(user_ids: Collection[UUID]) -> dict[UUID, Labels]:
    """Roles and groups of these people: one statement."""
    labels = {user_id: Labels() for user_id in user_ids}
    if not labels:
        return labels
    rows: Any = db.session.execute(_LABELS, {"user_ids": user_ids, "moment": now()})
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


def listed_groups(*, search: str = "", reach: Reach = None) -> Select[Group]:
    """Groups that are there, of those that `reach` holds, with every word of `search` in their name."""
    query = select(Group).where(Group.deleted_at.is_(None))
    if reach is not None:
        query = query.where(Group.id.in_(groups_inside(reach)))
    for word in folded(search).split():
        query = query.where(Group.name_sort.contains(word, autoescape=True))
    return query


def group_choices(reach: Reach) -> list[Group]:
    """The groups to choose from, by name."""
    return list(db.session.scalars(listed_groups(reach=reach).order_by(Group.name_sort, Group.id).limit(CHOICES_MAX)))


def roles_to_give(powers: Powers) -> list[Role]:
    """The roles that somebody with these powers may give to hold everywhere."""
    if Permission.ROLES_GRANT not in powers.everywhere:
        return []
    return [role for role in listed_roles() if role.allows <= powers.everywhere]


def ids_of(model: type[Role | Group], names: Collection[str]) -> list[UUID]:
    """The ids of the roles or groups that a program names, by name or id. Raises Invalid for one that is not there."""
    field = f"{model.__name__.lower()}s"
    ids = []
    for name in dict.fromkeys(names):
        row: Any = named(model, key(name))
        if row is None:
            raise Invalid(_("“%(name)s” is not there.", name=name), field=field, code="unknown")
        ids.append(row.id)
    return list(dict.fromkeys(ids))


__all__ = [
    "CHOICES_MAX",
    "Labels",
    "current",
    "first_role_of",
    "get_group",
    "get_role",
    "grant_counts",
    "grants_of",
    "group_choices",
    "group_ids_of",
    "groups_around",
    "groups_inside",
    "holders_of",
    "ids_of",
    "inside_any",
    "labels_of",
    "lasting_owners",
    "listed_groups",
    "listed_roles",
    "members_within",
    "memberships_of",
    "name_of",
    "named",
    "powers_from",
    "powers_of",
    "powers_through",
    "roles_held",
    "roles_to_give",
]
