"""Queries of role grants at a past moment. Grants and memberships are ended, never deleted, so their rows suffice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select
from sqlalchemy.orm import joinedload

from webapp.access.models import Membership, Role, RoleGrant, active_at
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.reviews.group_tree import groups_below
from webapp.users.models import User

BY_ID = Order("id", RoleGrant.id, RoleGrant.id, descending=False)
WITH_NAMES = (joinedload(RoleGrant.role), joinedload(RoleGrant.group), joinedload(RoleGrant.scope))


def select_grants_at(moment: datetime, *, role_id: UUID | None = None) -> Select[RoleGrant]:
    """Select the grants that were active at `moment`."""
    return _of_role(select_grants().where(_was_active(moment)), role_id)


def select_grants_between(first: datetime, second: datetime, *, role_id: UUID | None = None) -> Select[RoleGrant]:
    """Select the grants that were active at only one of two moments, and all active grants of groups.

    A grant of a group is included because the members of the group can differ.
    """
    at_first, at_second = _was_active(first), _was_active(second)
    differs = or_(and_(at_first, ~at_second), and_(at_second, ~at_first))
    of_group = and_(RoleGrant.group_id.is_not(None), or_(at_first, at_second))
    return _of_role(select_grants().where(or_(differs, of_group)), role_id)


def select_review(on: datetime, *, since: datetime | None, role_id: UUID | None) -> Select[RoleGrant]:
    """Select the grants of a day, or with `since` what differs from that moment."""
    return select_grants_at(on, role_id=role_id) if since is None else select_grants_between(since, on, role_id=role_id)


def select_grants() -> Select[RoleGrant]:
    """Select all grants, with the names of their role, group and scope."""
    return select(RoleGrant).join(RoleGrant.role).options(*WITH_NAMES)


def was_active(grant: RoleGrant, moment: datetime) -> bool:
    """Return whether the grant and its role were active at `moment`. The role must be loaded."""
    role = grant.role
    return _covers(grant.starts_at, grant.ends_at, moment) and _covers(role.created_at, role.deleted_at, moment)


def select_holders(grant: RoleGrant, moment: datetime, *, except_at: datetime | None = None) -> Select[User]:
    """Select the people who had this grant at `moment`, directly or through its group.

    `except_at`: without the people who had it at that moment.
    """
    query = select(User).where(User.id.in_(_holder_ids(grant, moment)))
    return query if except_at is None else query.where(User.id.not_in(_holder_ids(grant, except_at)))


def erased_holder_ids(grant: RoleGrant, moment: datetime) -> set[UUID]:
    """Return the IDs of the erased people who had this grant at `moment`, directly or through its group."""
    if not was_active(grant, moment):
        return set()
    if grant.group_id is None:
        return {grant.erased_user_id} if grant.erased_user_id else set()
    query = select(Membership.erased_user_id).where(
        Membership.group_id.in_(groups_below(grant.group_id, moment)),
        active_at(Membership, moment),
        Membership.erased_user_id.is_not(None),
    )
    return {user_id for user_id in db.session.scalars(query) if user_id}


def get_direct_holders(grants: Collection[RoleGrant]) -> dict[UUID, User]:
    """Return the people who hold these grants directly, by ID, without erased people."""
    ids = [grant.user_id for grant in grants if grant.user_id]
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}


def _of_role(query: Select[RoleGrant], role_id: UUID | None) -> Select[RoleGrant]:
    return query if role_id is None else query.where(RoleGrant.role_id == role_id)


def _was_active(moment: datetime) -> Any:
    return and_(
        active_at(RoleGrant, moment),
        Role.created_at <= moment,
        or_(Role.deleted_at.is_(None), Role.deleted_at > moment),
    )


def _covers(start: datetime, end: datetime | None, moment: datetime) -> bool:
    return start <= moment and (end is None or end > moment)


def _holder_ids(grant: RoleGrant, moment: datetime) -> Select[Any]:
    if not was_active(grant, moment):
        return select(User.id).where(false())
    if grant.group_id is None:
        return select(User.id).where(User.id == grant.user_id)
    groups = groups_below(grant.group_id, moment)
    return select(Membership.user_id).where(
        Membership.group_id.in_(groups), active_at(Membership, moment), Membership.user_id.is_not(None)
    )
