"""Named reads of groups, their members and their grants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from webapp.access.group_tree import group_and_ancestors, member_ids_in
from webapp.access.models import Group, Membership, RoleGrant, active_at, not_over_at
from webapp.access.queries import UNPAGED_LIMIT, get_group
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.users.models import User

BY_NAME = Order("name", Group.name_sort, Group.id, descending=False)
MEMBERS_BY_NAME = Order("name", User.name_key, User.id, descending=False)


def get_visible_group(group_id: UUID, *, reach: Reach) -> Group:
    """Raise NotFound if the group does not exist or is outside `reach`."""
    if reach is not None and not reach & group_and_ancestors(group_id):
        raise NotFound(_("This group does not exist"))
    return get_group(group_id)


def group_names(group_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """Return ID → name. Deleted groups are included."""
    ids = [group_id for group_id in group_ids if group_id]
    rows: Any = db.session.execute(select(Group.id, Group.name).where(Group.id.in_(ids))) if ids else ()
    return {row.id: row.name for row in rows}


def groups_by_id(group_ids: Collection[UUID]) -> dict[UUID, Group]:
    """Return these groups by ID. One statement."""
    if not group_ids:
        return {}
    return {group.id: group for group in db.session.scalars(select(Group).where(Group.id.in_(group_ids)))}


def ancestors_of(group: Group) -> list[Group]:
    """Return the ancestors of the group, the top one first."""
    ancestors: list[Group] = []
    while group.parent_id:
        group = db.session.get_one(Group, group.parent_id)
        ancestors.insert(0, group)
    return ancestors


def child_groups(group_id: UUID) -> list[Group]:
    """Return the children of the group, by name."""
    query = select(Group).where(Group.parent_id == group_id, Group.deleted_at.is_(None))
    return list(db.session.scalars(query.order_by(Group.name_sort).limit(UNPAGED_LIMIT)))


def direct_members(group_id: UUID) -> Select[User]:
    """Select the present members of the group, without members of groups inside it and without deleted people."""
    query = select(User).join(Membership, Membership.user_id == User.id).where(User.deleted_at.is_(None))
    return query.where(Membership.group_id == group_id, active_at(Membership, now()))


def future_members(group_id: UUID, *, reach: Reach = None) -> Select[User]:
    """Select the people within `reach` whose membership of the group has not started, without deleted people."""
    query = select(User).join(Membership, Membership.user_id == User.id).where(User.deleted_at.is_(None))
    if reach is not None:
        query = query.where(User.id.in_(member_ids_in(reach)))
    return query.where(Membership.group_id == group_id, not_over_at(Membership, now()), Membership.starts_at > now())


def memberships_of(group_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, Membership]:
    """Return user ID → present or future membership of the group, for these people."""
    query = select(Membership).where(
        Membership.group_id == group_id, Membership.user_id.in_(user_ids), not_over_at(Membership, now())
    )
    return {row.user_id: row for row in db.session.scalars(query)} if user_ids else {}


def get_membership(group_id: UUID, user_id: UUID) -> Membership:
    """Return the present or future membership. Raise NotFound."""
    membership = memberships_of(group_id, [user_id]).get(user_id)
    if membership is None:
        raise NotFound(_("They are not in this group"))
    return membership


def get_membership_by_id(
    membership_id: UUID, *, user_id: UUID | None = None, group_id: UUID | None = None
) -> Membership:
    """Return a membership of this person or in this group, also one that has ended. Raise NotFound."""
    membership = db.session.get(Membership, membership_id)
    if membership is None or user_id not in {None, membership.user_id} or group_id not in {None, membership.group_id}:
        raise NotFound(_("They are not in this group"))
    return membership


def future_memberships(group_id: UUID, *, reach: Reach) -> list[tuple[Membership, User]]:
    """Return the memberships of `future_members`, with their users, by start."""
    query = (
        future_members(group_id, reach=reach)
        .add_columns(Membership)
        .order_by(Membership.starts_at)
        .limit(UNPAGED_LIMIT)
    )
    return [(membership, user) for user, membership in db.session.execute(query)]


def grants_to_group(group_id: UUID) -> list[RoleGrant]:
    """Return the present and future grants to the group."""
    return _grants(RoleGrant.group_id == group_id)


def grants_scoped_to(group_id: UUID) -> list[tuple[RoleGrant, User | None]]:
    """Return the present and future grants with this scope. The user is None for a grant to a group."""
    grants = _grants(RoleGrant.scope_id == group_id)
    ids = [grant.user_id for grant in grants if grant.user_id]
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
    return [(grant, people.get(grant.user_id) if grant.user_id else None) for grant in grants]


def get_grant_within(grant_id: UUID, *, scope_id: UUID) -> RoleGrant:
    """Return the grant. Raise NotFound if there is none with this scope."""
    grant = db.session.get(RoleGrant, grant_id)
    if grant is None or grant.scope_id != scope_id:
        raise NotFound(_("There is no role to remove"))
    return grant


def _grants(condition: Any) -> list[RoleGrant]:
    query = (
        select(RoleGrant)
        .where(condition, not_over_at(RoleGrant, now()))
        .options(joinedload(RoleGrant.role), joinedload(RoleGrant.group), joinedload(RoleGrant.scope))
        .order_by(RoleGrant.id)
        .limit(UNPAGED_LIMIT)
    )
    return [grant for grant in db.session.scalars(query) if grant.role.deleted_at is None]
