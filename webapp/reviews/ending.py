"""Queries of roles and memberships that end soon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.access.models import Group, Membership, Role, RoleGrant, not_over_at
from webapp.core.clock import now
from webapp.db.session import db
from webapp.reviews.grants import select_grants
from webapp.users.models import User

ENDING_MAX = 200


def list_ending_grants(before: datetime) -> list[tuple[RoleGrant, User | None]]:
    """Return the grants that end before `before`, next one first, at most ENDING_MAX.

    The user is None for a grant of a group.
    """
    query = (
        select_grants()
        .outerjoin(User, User.id == RoleGrant.user_id)
        .add_columns(User)
        .where(not_over_at(RoleGrant, now()), RoleGrant.ends_at <= before, Role.deleted_at.is_(None))
        .order_by(RoleGrant.ends_at)
        .limit(ENDING_MAX)
    )
    return [(grant, user) for grant, user in db.session.execute(query)]


def list_ending_memberships(before: datetime) -> list[tuple[Membership, User]]:
    """Return the memberships that end before `before`, next one first, at most ENDING_MAX."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .join(Membership.group)
        .where(not_over_at(Membership, now()), Membership.ends_at <= before, Group.deleted_at.is_(None))
        .options(joinedload(Membership.group))
        .order_by(Membership.ends_at)
        .limit(ENDING_MAX)
    )
    return [(membership, user) for membership, user in db.session.execute(query)]
