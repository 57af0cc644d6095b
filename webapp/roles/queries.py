"""Named reads of the people and groups that hold a role."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select

from webapp.access.group_tree import groups_and_descendants, member_ids_in
from webapp.access.models import Group, Role, RoleGrant, active_at
from webapp.access.powers import holder_ids
from webapp.access.summaries import access_summaries
from webapp.core.clock import now
from webapp.core.permissions import Reach
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.users.models import User

HOLDERS_BY_NAME = Order("name", User.name_key, User.id, descending=False)
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


def groups_with_role(role_id: UUID, *, reach: Reach = None) -> list[Group]:
    """Return the groups within `reach` that hold this role now, by name."""
    held = select(RoleGrant.group_id).where(RoleGrant.role_id == role_id, active_at(RoleGrant, now()))
    query = select(Group).where(Group.id.in_(held), Group.deleted_at.is_(None))
    if reach is not None:
        query = query.where(Group.id.in_(groups_and_descendants(reach)))
    return list(db.session.scalars(query.order_by(Group.name_sort).limit(GROUPS_SHOWN)))
