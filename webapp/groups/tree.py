"""Named reads of the tree of groups. A page reads the groups at its top, and the children of those that are open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from webapp.access.group_tree import groups_and_descendants
from webapp.access.models import DEPTH_MAX, Group
from webapp.core.permissions import Reach
from webapp.db.session import db

# The most children of an open group on a page. A page of its own shows all of them.
CHILDREN_MAX = 50

_BY_NAME = (Group.name_sort, Group.id)


def top_groups(reach: Reach) -> Select[Group]:
    """Select the groups at the top of what the viewer sees."""
    live = select(Group).where(Group.deleted_at.is_(None))
    if reach is None:
        return live.where(Group.parent_id.is_(None))
    below = groups_and_descendants(select(Group.id).where(Group.parent_id.in_(reach)))
    return live.where(Group.id.in_(reach), Group.id.not_in(below))


def groups_inside(group_id: UUID) -> Select[Group]:
    """Select the children of the group."""
    return select(Group).where(Group.parent_id == group_id, Group.deleted_at.is_(None))


def first_children(parent_ids: Collection[UUID]) -> dict[UUID, list[Group]]:
    """Return parent → its first CHILDREN_MAX children, by name."""
    if not parent_ids:
        return {}
    rank = func.row_number().over(partition_by=Group.parent_id, order_by=_BY_NAME).label("rank")
    ranked = select(Group.id, rank).where(Group.parent_id.in_(parent_ids), Group.deleted_at.is_(None)).subquery()
    query = select(Group).join(ranked, ranked.c.id == Group.id).where(ranked.c.rank <= CHILDREN_MAX)
    children: dict[Any, list[Group]] = defaultdict(list)
    for group in db.session.scalars(query.order_by(*_BY_NAME)):
        children[group.parent_id].append(group)
    return dict(children)


def count_children(group_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return group → number of its children. Groups without children are missing."""
    query = select(Group.parent_id, func.count()).where(Group.parent_id.in_(group_ids), Group.deleted_at.is_(None))
    rows: Any = db.session.execute(query.group_by(Group.parent_id)) if group_ids else ()
    return {row[0]: row[1] for row in rows}


def names_above(group_ids: Collection[UUID], *, reach: Reach) -> dict[UUID, list[str]]:
    """Return group → names of the groups above it that the viewer sees, from the top."""
    if not group_ids:
        return {}
    start, parent = aliased(Group), aliased(Group)
    first = select(start.id.label("start_id"), start.parent_id.label("id"), literal(1).label("depth"))
    tree = first.where(start.id.in_(group_ids), start.parent_id.is_not(None)).cte("above", recursive=True)
    above = (
        select(tree.c.start_id, parent.parent_id, tree.c.depth + 1)
        .join(tree, parent.id == tree.c.id)
        .where(parent.parent_id.is_not(None), tree.c.depth < DEPTH_MAX)
    )
    tree = tree.union_all(above)
    query = select(tree.c.start_id, Group.name).join(Group, Group.id == tree.c.id)
    if reach is not None:
        query = query.where(Group.id.in_(groups_and_descendants(reach)))
    names: dict[UUID, list[str]] = defaultdict(list)
    for start_id, name in db.session.execute(query.order_by(tree.c.depth.desc())):
        names[start_id].append(name)
    return dict(names)


def manageable(group_ids: Collection[UUID], *, reach: Reach) -> frozenset[UUID]:
    """Return those of the groups that are within `reach`."""
    if reach is None:
        return frozenset(group_ids)
    if not reach or not group_ids:
        return frozenset()
    query = select(Group.id).where(Group.id.in_(group_ids), Group.id.in_(groups_and_descendants(reach)))
    return frozenset(db.session.scalars(query))
