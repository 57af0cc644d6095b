"""What the undo of roles, groups and attributes has in common, and that of grants and memberships."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypedDict, TypeVar
from uuid import UUID

from webapp.access.models import Membership, RoleGrant
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Apply, Current, Undo
from webapp.core.permissions import Permission
from webapp.db.session import db

PeriodRow = TypeVar("PeriodRow", RoleGrant, Membership)


def lifecycle_undos(
    *,
    permission: Permission,
    current: Current,
    actions: tuple[Action, Action, Action, Action],
    update: Apply,
    delete: Callable[..., object],
    restore: Callable[..., object],
) -> dict[Action, Undo]:
    """Return how the `actions` (created, updated, deleted, restored) are undone.

    `delete` undoes a creation and a restoration, `restore` a deletion. Both take an id and `by`.
    """
    created, updated, deleted, restored = actions
    by_delete = Undo(permission, apply=lambda record, by: delete(record.subject_id, by=by), current=current)
    by_restore = Undo(permission, apply=lambda record, by: restore(record.subject_id, by=by), current=current)
    by_update = Undo(permission, apply=update, current=current)
    return {created: by_delete, restored: by_delete, deleted: by_restore, updated: by_update}


def current_fields(record: AuditRecord, now: Mapping[str, Value] | None) -> dict[str, Value]:
    """Return the present values of the record's fields. `now` is None if the subject is deleted."""
    return {name: now.get(name) if now else None for name in record.changes}


def earlier_texts(record: AuditRecord) -> dict[str, str]:
    """Return the values that the fields had before the change; "" for none."""
    return {name: str(before or "") for name, (before, _after) in record.changes.items()}


def find_period_row(model: type[PeriodRow], record: AuditRecord, *, id_field: str) -> PeriodRow | None:
    """Return the grant or membership that was added or ended."""
    before, after = record.changes[id_field]
    return db.session.get(model, UUID(str(before or after)), populate_existing=True)


def current_period_fields(record: AuditRecord, row: RoleGrant | Membership, *, id_field: str) -> dict[str, Value]:
    """Return the record's values while the row is live, and None for each field once it has ended."""
    live = row.live_key is not None
    added = record.changes[id_field][1] is not None
    return {name: (after if added else before) if live else None for name, (before, after) in record.changes.items()}


class Period(TypedDict):
    starts_at: datetime | None
    ends_at: datetime | None


def earlier_period(record: AuditRecord) -> Period:
    """Return the period that was ended. Its start is None if it had passed then."""
    return Period(starts_at=_earlier_moment(record, "starts_at"), ends_at=_earlier_moment(record, "ends_at"))


def _earlier_moment(record: AuditRecord, field: str) -> datetime | None:
    before = record.changes.get(field, (None, None))[0]
    return datetime.fromisoformat(str(before)) if before else None
