"""What people can do now, by the roles that they and their groups hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, column, or_, select, table, union_all
from sqlalchemy.orm import joinedload

from webapp.access.group_tree import group_and_ancestors, groups_of_user
from webapp.access.models import OWNER, Role, RoleGrant, active_at, role_permissions
from webapp.core.clock import now
from webapp.core.permissions import Permission, Powers
from webapp.core.statuses import Status
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.db.types import Instant

# The columns of users that this package reads. It cannot import the User model, because `users` is a higher package.
USERS = table("users", column("id", Uuid()), column("name"), column("status"), column("starts_at"), column("ends_at"))

_USER = bindparam("user_id", type_=Uuid())
_MOMENT: ColumnElement[Any] = bindparam("moment", type_=Instant())


def effective_roles(user_id: Any) -> Select[Any]:
    """Select (role_id, permissions, scope_id) of the roles that a person and their groups hold at `:moment`.

    A union of two reads, so that each uses its index: with one OR the engines read every grant.
    """
    groups = groups_of_user(user_id, _MOMENT)
    own = select(RoleGrant.role_id, RoleGrant.scope_id).where(RoleGrant.user_id == user_id)
    inherited = select(RoleGrant.role_id, RoleGrant.scope_id).join(groups, groups.c.group_id == RoleGrant.group_id)
    grants = union_all(*(each.where(active_at(RoleGrant, _MOMENT)) for each in (own, inherited))).subquery("grants")
    roles = select(Role.id.label("role_id"), Role.permissions, grants.c.scope_id)
    return roles.join(grants, grants.c.role_id == Role.id).where(Role.deleted_at.is_(None))


_ROLES = effective_roles(_USER).execution_options(**{PREPARED: ("user_id", "moment")})


def powers_of(user_id: UUID) -> Powers:
    """Return what this person can do now, through their own grants and those of their groups. One statement."""
    return powers_from_roles(db.session.execute(_ROLES, {"user_id": user_id, "moment": now()}))


def powers_from_roles(roles: Iterable[Any]) -> Powers:
    """Combine rows of `effective_roles`."""
    return _combined((row.scope_id, role_permissions(row.role_id, row.permissions)) for row in roles)


def powers_from_group(group_id: UUID | None) -> Powers:
    """Return what a person can do because they are a member of this group."""
    if group_id is None:
        return Powers()
    query = select(RoleGrant).where(RoleGrant.group_id.in_(group_and_ancestors(group_id)), active_at(RoleGrant, now()))
    grants = db.session.scalars(query.options(joinedload(RoleGrant.role)))
    return _combined((grant.scope_id, grant.role.allows) for grant in grants if grant.role.deleted_at is None)


def _combined(grants: Iterable[tuple[UUID | None, frozenset[Permission]]]) -> Powers:
    everywhere: frozenset[Permission] = frozenset()
    by_scope: dict[UUID, frozenset[Permission]] = {}
    for scope_id, allows in grants:
        if scope_id is None:
            everywhere |= allows
        else:
            by_scope[scope_id] = by_scope.get(scope_id, frozenset()) | allows
    return Powers(everywhere, by_scope)


def holder_ids(role_id: UUID) -> Select[Any]:
    """Select the ids of the people who hold this role themselves now, not through a group."""
    return select(RoleGrant.user_id).where(
        RoleGrant.role_id == role_id, RoleGrant.user_id.is_not(None), active_at(RoleGrant, now())
    )


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
