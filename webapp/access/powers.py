"""What people can do, now or in time, by the roles that they and their groups hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, column, or_, select, table, union_all
from sqlalchemy.orm import joinedload

from webapp.access.group_tree import group_and_ancestors, groups_of_user, member_ids_in
from webapp.access.models import FOREVER, OWNER, Role, RoleGrant, active_at, in_period, not_over_at, role_permissions
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers, permissions_within
from webapp.core.statuses import Status
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant

# The columns of users that this package reads. It cannot import the User model, because `users` is a higher package.
USERS = table(
    "users", column("id", Uuid()), column("name"), column("status"), column("starts_at"), column("ends_at", Instant())
)

_USER = bindparam("user_id", type_=Uuid())
_MOMENT: ColumnElement[Any] = bindparam("moment", type_=Instant())
_STARTS_BY: ColumnElement[Any] = bindparam("starts_by", type_=Instant())
_ENDS_AFTER: ColumnElement[Any] = bindparam("ends_after", type_=Instant())


def effective_roles(user_id: Any, *, starts_by: Any = _MOMENT, ends_after: Any = _MOMENT) -> Select[Any]:
    """Select (role_id, permissions, scope_id) of the roles that a person and their groups hold at `:moment`.

    With `starts_by` and `ends_after`, grants and memberships count as in `in_period`.

    It is a union of two reads, so that each uses its index: with one OR the engines read every grant.
    """
    groups = groups_of_user(user_id, starts_by=starts_by, ends_after=ends_after)
    own = select(RoleGrant.role_id, RoleGrant.scope_id).where(RoleGrant.user_id == user_id)
    inherited = select(RoleGrant.role_id, RoleGrant.scope_id).join(groups, groups.c.group_id == RoleGrant.group_id)
    counts = in_period(RoleGrant, starts_by=starts_by, ends_after=ends_after)
    grants = union_all(*(each.where(counts) for each in (own, inherited))).subquery("grants")
    roles = select(Role.id.label("role_id"), Role.permissions, grants.c.scope_id)
    return roles.join(grants, grants.c.role_id == Role.id).where(Role.deleted_at.is_(None))


_ROLES = effective_roles(_USER, starts_by=_STARTS_BY, ends_after=_ENDS_AFTER).execution_options(
    **{PREPARED: ("user_id", "starts_by", "ends_after")}
)
_ACCOUNT_END = select(USERS.c.ends_at).where(USERS.c.id == _USER)


def powers_of(user_id: UUID) -> Powers:
    """Return what this person can do now, through their own grants and those of their groups. One statement."""
    moment = now()
    return _powers(user_id, starts_by=moment, ends_after=moment)


def present_and_future_powers(user_id: UUID) -> Powers:
    """Return what this person can do now, or will be able to do when their roles and memberships start."""
    return _powers(user_id, starts_by=FOREVER, ends_after=now())


def powers_until(user_id: UUID, until: datetime) -> Powers:
    """Return what this person can do now and at each moment before `until`.

    Two grants of which one starts when the other ends do not count: each must last itself.
    """
    ends_at = db.session.scalar(_ACCOUNT_END, {"user_id": user_id})
    if ends_at and ends_at < until:
        return Powers()
    return _powers(user_id, starts_by=now(), ends_after=until - timedelta.resolution)


def _powers(user_id: UUID, *, starts_by: datetime, ends_after: datetime) -> Powers:
    values = {"user_id": user_id, "starts_by": starts_by, "ends_after": ends_after}
    return powers_from_roles(db.session.execute(_ROLES, values))


def powers_from_roles(roles: Iterable[Any]) -> Powers:
    """Combine rows of `effective_roles`."""
    return _combined((row.scope_id, role_permissions(row.role_id, row.permissions)) for row in roles)


def powers_of_members(group_id: UUID) -> dict[datetime, Powers]:
    """Return the powers that members of this group have or will have because of it, by the moment when these end."""
    query = select(RoleGrant).where(
        RoleGrant.group_id.in_(group_and_ancestors(group_id)), not_over_at(RoleGrant, now())
    )
    allowed: dict[datetime, list[tuple[UUID | None, frozenset[Permission]]]] = {}
    for grant in db.session.scalars(query.options(joinedload(RoleGrant.role))):
        if grant.role.deleted_at is None:
            allowed.setdefault(grant.ends_at or FOREVER, []).append((grant.scope_id, grant.role.allows))
    return {end: _combined(grants) for end, grants in allowed.items()}


def _combined(grants: Iterable[tuple[UUID | None, frozenset[Permission]]]) -> Powers:
    everywhere: frozenset[Permission] = frozenset()
    by_scope: dict[UUID, frozenset[Permission]] = {}
    for scope_id, permissions in grants:
        allows = permissions_within(scope_id, permissions)
        if scope_id is None:
            everywhere |= allows
        else:
            by_scope[scope_id] = by_scope.get(scope_id, frozenset()) | allows
    return Powers(everywhere, by_scope)


def holder_ids(*role_ids: UUID) -> Select[Any]:
    """Select the ids of the people who hold one of these roles themselves now, not through a group."""
    return select(RoleGrant.user_id).where(
        RoleGrant.role_id.in_(role_ids), RoleGrant.user_id.is_not(None), active_at(RoleGrant, now())
    )


def all_holder_ids(*role_ids: UUID) -> Any:
    """Select the ids of the people who hold one of these roles now, themselves or through a group."""
    groups = select(RoleGrant.group_id).where(
        RoleGrant.role_id.in_(role_ids), RoleGrant.group_id.is_not(None), active_at(RoleGrant, now())
    )
    group_ids = [group_id for group_id in db.session.scalars(groups) if group_id]
    own = holder_ids(*role_ids)
    return union_all(own, member_ids_in(group_ids)) if group_ids else own


def staff_ids() -> Any:
    """Select the ids of the people who hold a role with permissions now, also through a group or within one."""
    roles = db.session.scalars(select(Role).where(Role.deleted_at.is_(None)))
    return all_holder_ids(*(role.id for role in roles if role.allows))


# A join, because SQLite reads all users for a subquery of the active ones.
_PERMANENT_OWNERS = (
    select(RoleGrant.user_id)
    .join(USERS, USERS.c.id == RoleGrant.user_id)
    .where(
        RoleGrant.role_id == OWNER,
        RoleGrant.scope_id.is_(None),
        RoleGrant.starts_at <= _MOMENT,
        RoleGrant.ends_at.is_(None),
        USERS.c.status == Status.ACTIVE,
        or_(USERS.c.starts_at.is_(None), USERS.c.starts_at <= _MOMENT),
        USERS.c.ends_at.is_(None),
    )
)


def permanent_owners() -> set[UUID]:
    """Return the people who can sign in and hold the role Owner, both now and without an end."""
    return {user_id for user_id in db.session.scalars(_PERMANENT_OWNERS, {"moment": now()}) if user_id}
