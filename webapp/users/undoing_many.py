"""Undo many changes of users at once: the twin of `undo_change` for imports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.attributes.models import FIELD_PREFIX
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Changes
from webapp.audit.undo import find_undo
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import advisory_locks
from webapp.users.changing_many import update_users
from webapp.users.undo import former_attributes


def undo_updates(record_ids: Collection[UUID], *, by: Actor) -> set[UUID]:
    """Undo the records that only change names and attributes. Return those that were undone.

    It leaves out, without a change, those that `undo_change` would refuse and those that need more checks
    (users/changing_many.py). No two records may be about one user. Nothing is flushed.
    """
    advisory_locks([f"undo {record_id}" for record_id in sorted(record_ids)])
    query = select(AuditRecord).where(AuditRecord.id.in_(record_ids)).execution_options(populate_existing=True)
    records = {each.subject_id: each for each in db.session.scalars(query) if _is_simple(each)}

    def accept(user_id: UUID, changes: Changes) -> bool:
        """A later change of a field, or a value that is no longer stored as it was, is not undone here."""
        return changes == {name: (after, before) for name, (before, after) in records[user_id].changes.items()}

    edits = {user_id: _former_values(record) for user_id, record in records.items()}
    undoes = {user_id: record.id for user_id, record in records.items()}
    return {undoes[user_id] for user_id in update_users(edits, by=by, accept=accept, undoes=undoes)}


def _former_values(record: AuditRecord) -> dict[str, Any]:
    former = {name: before for name, (before, _after) in record.changes.items()}
    fields: dict[str, Any] = {"name": former["name"]} if "name" in former else {}
    if attributes := former_attributes(record):
        fields["attributes"] = attributes
    return fields


def _is_simple(record: AuditRecord) -> bool:
    fields = set(record.changes or {})
    is_simple = all(name == "name" or name.startswith(FIELD_PREFIX) for name in fields)
    return record.action == Action.USER_UPDATED and is_simple and find_undo(record) is not None
