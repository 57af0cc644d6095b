"""The tree of groups at a past moment: today's tree, with the changes since then reversed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from webapp.access.models import Group
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.core.ids import min_id_at
from webapp.db.session import db


def groups_above(group_ids: Collection[UUID], moment: datetime) -> set[UUID]:
    """Return these groups and all groups that contained them at `moment`."""
    parents, found = _parents_at(moment), set(group_ids)
    for group_id in group_ids:
        parent = parents.get(group_id)
        while parent and parent not in found:
            found.add(parent)
            parent = parents.get(parent)
    return found


def groups_below(group_id: UUID, moment: datetime) -> set[UUID]:
    """Return the group and all groups that it contained at `moment`."""
    parents, found, size_before = _parents_at(moment), {group_id}, 0
    while len(found) > size_before:
        size_before = len(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found


def group_existed(moment: datetime) -> Any:
    """Return the condition that a group existed at `moment`."""
    return and_(Group.created_at <= moment, or_(Group.deleted_at.is_(None), Group.deleted_at > moment))


def _parents_at(moment: datetime) -> dict[UUID, UUID | None]:
    """Return the parent of each group that existed at `moment`."""
    rows: Any = db.session.execute(select(Group.id, Group.parent_id).where(group_existed(moment)))
    parents: dict[UUID, UUID | None] = {row.id: row.parent_id for row in rows}
    updates = select(AuditRecord).where(
        AuditRecord.action == Action.GROUP_UPDATED, AuditRecord.id >= min_id_at(moment), AuditRecord.at > moment
    )
    for record in db.session.scalars(updates.order_by(AuditRecord.id.desc())):
        if "parent_id" in (record.changes or {}) and record.subject_id in parents:
            before = record.changes["parent_id"][0]
            parents[record.subject_id] = UUID(before) if before else None
    return parents
