"""How many people are in groups: directly, and with the groups inside them.

With up to COUNTED_LIVE memberships, a page counts its own groups. With more, the job `groups.count` counts all groups
into the table `group_counts`, and pages read that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import aliased

from webapp.access.models import DEPTH_MAX, Group, Membership, active_at
from webapp.core.clock import now
from webapp.db.session import db
from webapp.groups.models import GroupCount
from webapp.users.models import User

COUNTED_LIVE = 20_000


class Size(NamedTuple):
    direct: int
    total: int


@dataclass(frozen=True)
class Sizes:
    """`at` is None if the groups were counted just now. A new group may be missing until the next count."""

    by_group: Mapping[UUID, Size] = field(default_factory=dict)
    at: datetime | None = None


def sizes_of(group_ids: Collection[UUID]) -> Sizes:
    if not group_ids:
        return Sizes()
    if _few_memberships():
        return Sizes(_count(group_ids))
    query = select(GroupCount).where(GroupCount.group_id.in_(group_ids))
    counts = db.session.scalars(query).all()
    sizes = {count.group_id: Size(count.direct, count.total) for count in counts}
    return Sizes(sizes, min((count.at for count in counts), default=None))


def _few_memberships() -> bool:
    some = select(literal(1)).select_from(Membership).limit(COUNTED_LIVE + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) <= COUNTED_LIVE


def _count(group_ids: Collection[UUID]) -> dict[UUID, Size]:
    sizes = {root_id: Size(direct, total) for root_id, direct, total in db.session.execute(_counts(group_ids))}
    return {group_id: sizes.get(group_id, Size(0, 0)) for group_id in group_ids}


def _counts(group_ids: Collection[UUID]) -> Select[Any]:
    """Select (group, direct, total) of those of the groups that have people. Deleted people do not count.

    NOT IN reads the deleted people once. There are few, because the bin is emptied.
    """
    tree = _descendants(group_ids)
    deleted = select(User.id).where(User.deleted_at.is_not(None))
    own = case((Membership.group_id == tree.c.root_id, 1), else_=0)
    return (
        select(tree.c.root_id, func.sum(own), func.count(Membership.user_id.distinct()))
        .join(Membership, Membership.group_id == tree.c.group_id)
        .where(active_at(Membership, now()), Membership.user_id.not_in(deleted))
        .group_by(tree.c.root_id)
    )


def _descendants(group_ids: Collection[UUID]) -> Any:
    """Return a CTE (root_id, group_id, depth) of these groups and, for each, every group below it."""
    first = select(Group.id.label("root_id"), Group.id.label("group_id"), literal(1).label("depth")).where(
        Group.id.in_(group_ids), Group.deleted_at.is_(None)
    )
    tree = first.cte("descendants", recursive=True)
    child = aliased(Group)
    below = (
        select(tree.c.root_id, child.id, tree.c.depth + 1)
        .join(tree, child.parent_id == tree.c.group_id)
        .where(child.deleted_at.is_(None), tree.c.depth < DEPTH_MAX)
    )
    return tree.union_all(below)
