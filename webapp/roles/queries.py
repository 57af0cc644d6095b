"""Named reads of roles, of their grants, and of the people and groups that hold them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from webapp.access.group_tree import group_ids_of, groups_and_descendants, member_ids_in
from webapp.access.models import Group, Role, RoleGrant, active_at, not_over_at
from webapp.access.powers import holder_ids
from webapp.access.summaries import access_summaries
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order, unindexed
from webapp.users.models import User

HOLDERS_BY_NAME = Order("name", User.name_key, User.id, descending=False)
ROLES_BY_NAME = Order("name", Role.name_key, Role.id, descending=False)
# IDs grow with time. A holder has few grants: find them by the holder, not in this order among all grants.
GRANTS_BY_TIME = Order("created", unindexed(RoleGrant.id), RoleGrant.id, descending=False)
GROUPS_SHOWN = 200


def role_holders(role_id: UUID, *, reach: Reach = None) -> Select[User]:
    """Select the people within `reach` who hold this role directly now."""
    query = select(User).where(User.id.in_(holder_ids(role_id)))
    return query if reach is None else query.where(User.id.in_(member_ids_in(reach)))


def scopes_of_holders(role: Role, user_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return the names of the groups within which these people hold the role; "" for everywhere."""
    summaries = access_summaries(user_ids)
    return {
        user_id: [held.scope for held in each.roles if held.name == role.name] for user_id, each in summaries.items()
    }


def live_roles() -> Select[Role]:
    """Select all roles that are not deleted."""
    return select(Role).where(Role.deleted_at.is_(None))


def grants_to_user(user_id: UUID) -> Select[RoleGrant]:
    """Select the present and future grants to a person, and to the groups they are a member of now."""
    return _live_grants(or_(RoleGrant.user_id == user_id, RoleGrant.group_id.in_(group_ids_of(user_id))))


def grants_of_group(group_id: UUID) -> Select[RoleGrant]:
    """Select the present and future grants to the group."""
    return _live_grants(RoleGrant.group_id == group_id)


def grants_within(group_id: UUID) -> Select[RoleGrant]:
    """Select the present and future grants with this scope."""
    return _live_grants(RoleGrant.scope_id == group_id)


def _live_grants(condition: ColumnElement[bool]) -> Select[RoleGrant]:
    return (
        select(RoleGrant)
        .join(RoleGrant.role)
        .where(condition, Role.deleted_at.is_(None), not_over_at(RoleGrant, now()))
        .options(contains_eager(RoleGrant.role), selectinload(RoleGrant.group), selectinload(RoleGrant.scope))
    )


def get_grant(grant_id: UUID, *, user_id: UUID | None = None, group_id: UUID | None = None) -> RoleGrant:
    """Return a grant to this person or group, also one that has ended. Raise NotFound."""
    grant = db.session.get(RoleGrant, grant_id)
    if grant is None or (grant.user_id, grant.group_id) != (user_id, group_id):
        raise NotFound(_("They do not have this role"))
    return grant


def groups_with_role(role_id: UUID, *, reach: Reach = None) -> list[Group]:
    """Return the groups within `reach` that hold this role now, by name."""
    held = select(RoleGrant.group_id).where(RoleGrant.role_id == role_id, active_at(RoleGrant, now()))
    query = select(Group).where(Group.id.in_(held), Group.deleted_at.is_(None))
    if reach is not None:
        query = query.where(Group.id.in_(groups_and_descendants(reach)))
    return list(db.session.scalars(query.order_by(Group.name_sort).limit(GROUPS_SHOWN)))
