"""Named reads of the past.

Grants and memberships are rows with a beginning and an end, so a past moment is a plain question to them. What a
person, a role or a group was like is read backwards from what it is now, through the trail of its changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from webapp.access.models import Group, Membership, Role, RoleGrant, active_at, role_permissions
from webapp.audit.models import Action, AuditRecord
from webapp.audit.queries import records_of
from webapp.core.clock import now
from webapp.core.ids import min_id_at
from webapp.core.permissions import Permission
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.users.models import User

ENDING_MAX = 200
BY_ID = Order("id", RoleGrant.id, RoleGrant.id, descending=False)
# What a person was, in the order in which it is shown.
FIELDS = ("name", "email", "username", "status", "locale", "timezone")


@dataclass(frozen=True)
class Past:
    """A person as they were; `fields` is None when they were not there yet."""

    fields: dict[str, str | None] | None
    grants: list[RoleGrant]
    memberships: list[Membership]


def person_at(user: User, moment: datetime) -> Past:
    """Who this person was at `moment`, and what they held then: by themselves and through their groups."""
    if user.created_at > moment:
        return Past(None, [], [])
    fields = _fields_now(user) | _before(user.id, moment)
    memberships = _memberships_at(user.id, moment)
    inside = _around({membership.group_id for membership in memberships}, moment)
    query = _grants_at(moment).where(or_(RoleGrant.user_id == user.id, RoleGrant.group_id.in_(inside)))
    grants = db.session.scalars(query.options(*_NAMES).order_by(RoleGrant.id))
    return Past({name: fields.get(name) for name in FIELDS}, list(grants), memberships)


def allowed_at(role: Role, moment: datetime) -> frozenset[Permission]:
    """What a role allowed at `moment`."""
    if role.built_in:
        return role.allows
    told = _before(role.id, moment).get("permissions")
    return role.allows if told is None else role_permissions(role.id, told.split(", "))


def grants_at(moment: datetime, *, role_id: UUID | None = None) -> Select[RoleGrant]:
    """Every grant that counted at `moment`."""
    query = _grants_at(moment).options(*_NAMES)
    return query if role_id is None else query.where(RoleGrant.role_id == role_id)


def grants_between(first: datetime, second: datetime, *, role_id: UUID | None = None) -> Select[RoleGrant]:
    """Every grant that counted at one of the two moments only, and those of groups, whose members may differ."""
    at_first, at_second = _counts(first), _counts(second)
    differs = or_(and_(at_first, ~at_second), and_(at_second, ~at_first))
    of_a_group = and_(RoleGrant.group_id.is_not(None), or_(at_first, at_second))
    query = _with_role().where(or_(differs, of_a_group)).options(*_NAMES)
    return query if role_id is None else query.where(RoleGrant.role_id == role_id)


def counted_at(grant: RoleGrant, moment: datetime) -> bool:
    return _covers(grant.starts_at, grant.ends_at, moment) and _there(grant.role, moment)


def people_at(grant: RoleGrant, moment: datetime, *, but_not_at: datetime | None = None) -> Select[User]:
    """Who had this grant at `moment`, themselves or through its group; not those who had it at the other moment."""
    query = select(User).where(User.id.in_(_held(grant, moment)))
    return query if but_not_at is None else query.where(User.id.not_in(_held(grant, but_not_at)))


def holders_named(grants: Collection[RoleGrant]) -> dict[UUID, User]:
    """The people who hold these grants themselves."""
    ids = [grant.user_id for grant in grants if grant.user_id]
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}


def _held(grant: RoleGrant, moment: datetime) -> Select[Any]:
    if not counted_at(grant, moment):
        return select(User.id).where(false())
    if grant.group_id is None:
        return select(User.id).where(User.id == grant.user_id)
    inside = _inside(grant.group_id, moment)
    return select(Membership.user_id).where(Membership.group_id.in_(inside), active_at(Membership, moment))


def ending_grants(before: datetime) -> list[tuple[RoleGrant, User | None]]:
    """Roles that end by themselves before `before`, the next first, with whoever holds them."""
    query = _with_role().outerjoin(User, User.id == RoleGrant.user_id).add_columns(User).options(*_NAMES)
    soon = query.where(RoleGrant.ends_at > now(), RoleGrant.ends_at <= before, Role.deleted_at.is_(None))
    return [(grant, user) for grant, user in db.session.execute(soon.order_by(RoleGrant.ends_at).limit(ENDING_MAX))]


def ending_memberships(before: datetime) -> list[tuple[Membership, User]]:
    """Memberships that end by themselves before `before`, the next first."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .join(Membership.group)
        .where(Membership.ends_at > now(), Membership.ends_at <= before, Group.deleted_at.is_(None))
        .options(joinedload(Membership.group))
        .order_by(Membership.ends_at)
        .limit(ENDING_MAX)
    )
    return [(membership, user) for membership, user in db.session.execute(query)]


_NAMES = (joinedload(RoleGrant.role), joinedload(RoleGrant.group), joinedload(RoleGrant.scope))


def _with_role() -> Select[RoleGrant]:
    return select(RoleGrant).join(RoleGrant.role)


def _grants_at(moment: datetime) -> Select[RoleGrant]:
    return _with_role().where(_counts(moment))


def _counts(moment: datetime) -> Any:
    return and_(
        active_at(RoleGrant, moment),
        Role.created_at <= moment,
        or_(Role.deleted_at.is_(None), Role.deleted_at > moment),
    )


def _fields_now(user: User) -> dict[str, str | None]:
    return {name: None if getattr(user, name) is None else str(getattr(user, name)) for name in FIELDS}


def _before(subject_id: UUID, moment: datetime) -> dict[str, str | None]:
    """What the fields that were changed after `moment` held then."""
    later = records_of(subject_id).where(AuditRecord.id >= min_id_at(moment), AuditRecord.at > moment)
    values: dict[str, str | None] = {}
    for record in db.session.scalars(later.order_by(AuditRecord.id.desc())):
        values |= {name: pair[0] for name, pair in (record.changes or {}).items()}
    return values


def _memberships_at(user_id: UUID, moment: datetime) -> list[Membership]:
    query = (
        select(Membership)
        .join(Membership.group)
        .where(Membership.user_id == user_id, active_at(Membership, moment), _group_there(moment))
        .options(joinedload(Membership.group))
        .order_by(Group.name_sort)
    )
    return list(db.session.scalars(query))


def _around(group_ids: set[UUID], moment: datetime) -> set[UUID]:
    """The groups and those that were around them at `moment`."""
    parents, around = _parents_at(moment), set(group_ids)
    for group_id in group_ids:
        parent = parents.get(group_id)
        while parent and parent not in around:
            around.add(parent)
            parent = parents.get(parent)
    return around


def _inside(group_id: UUID, moment: datetime) -> set[UUID]:
    """The group and those that were inside it at `moment`."""
    parents, inside, before = _parents_at(moment), {group_id}, 0
    while len(inside) > before:
        before = len(inside)
        inside |= {child for child, parent in parents.items() if parent in inside}
    return inside


def _parents_at(moment: datetime) -> dict[UUID, UUID | None]:
    """Which group each group was inside at `moment`; of those that were there."""
    rows: Any = db.session.execute(select(Group.id, Group.parent_id).where(_group_there(moment)))
    parents: dict[UUID, UUID | None] = {row.id: row.parent_id for row in rows}
    moved = select(AuditRecord).where(
        AuditRecord.action == Action.GROUP_UPDATED, AuditRecord.id >= min_id_at(moment), AuditRecord.at > moment
    )
    for record in db.session.scalars(moved.order_by(AuditRecord.id.desc())):
        if "parent_id" in (record.changes or {}) and record.subject_id in parents:
            before = record.changes["parent_id"][0]
            parents[record.subject_id] = UUID(before) if before else None
    return parents


def _group_there(moment: datetime) -> Any:
    return and_(Group.created_at <= moment, or_(Group.deleted_at.is_(None), Group.deleted_at > moment))


def _covers(starts_at: datetime, ends_at: datetime | None, moment: datetime) -> bool:
    return starts_at <= moment and (ends_at is None or ends_at > moment)


def _there(role: Role, moment: datetime) -> bool:
    return role.created_at <= moment and (role.deleted_at is None or role.deleted_at > moment)
