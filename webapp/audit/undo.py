"""Undoes recorded changes, and finds conflicts with later changes.

Each package registers an `Undo` for each of its actions. It calls the package's services, so that all checks apply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.queries import get_record, records_of_batch
from webapp.audit.services import Value, grouped_changes
from webapp.core.context import current_registry
from webapp.core.errors import Refused, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.constraints import constraint_of
from webapp.db.transactions import advisory_lock, transaction

Apply = Callable[[AuditRecord, Actor], object]
Current = Callable[[AuditRecord, Actor], Mapping[str, Value]]
BATCH_MAX = 10_000


@dataclass(frozen=True)
class Undo:
    """How changes of one action are undone.

    `current` returns the present values of the record's fields, in the record's format. It raises NotFound, or
    Forbidden if the actor may not undo the record. `fields` tests if a field can be restored; None accepts all fields.
    `whole`: the record stands for its batch, and undoing it undoes the others.
    """

    permission: Permission
    apply: Apply
    current: Current
    fields: Callable[[str], bool] | None = None
    whole: bool = False


class UndoRegistry(dict[Action, Undo]):
    """Action → `Undo`. Packages register their own actions."""


class ComparedField(NamedTuple):
    """One field of a change: its values before and after the change, and its present value."""

    field: str
    after: Value
    now: Value
    before: Value

    @property
    def conflicts(self) -> bool:
        """Whether undoing would overwrite a later change of the field."""
        return (self.after or None) != (self.now or None)


class ChangedSince(Stale):
    """The subject has changed since the record. `compared` shows each field."""

    def __init__(self, compared: list[ComparedField]) -> None:
        super().__init__(_("This was changed again later. Nothing was undone."))
        self.compared = compared


def find_undo(record: AuditRecord) -> Undo | None:
    """Return how to undo this record, or None if it cannot be undone or was already undone."""
    undo = current_registry().get(UndoRegistry).get(Action(record.action))
    if undo is None or record.undone_by_id is not None or not record.changes:
        return None
    return undo if undo.fields is None or all(map(undo.fields, record.changes)) else None


def compare_fields(record: AuditRecord, *, by: Actor) -> list[ComparedField]:
    """Compare each field of the record with its present value.

    Raise Refused if the record cannot be undone, Stale if it was already undone, NotFound or Forbidden like
    `Undo.current`.
    """
    current = _get_undo(record).current(record, by)
    return [ComparedField(name, after, current.get(name), before) for name, (before, after) in record.changes.items()]


def undo_change(record_id: UUID, *, by: Actor) -> UUID:
    """Undo a record by a new change, and return the ID of the new record.

    Raise ChangedSince if a later change conflicts, Stale if the record was already undone, and the errors of
    `Undo.apply`.
    """
    try:
        with transaction():
            advisory_lock(f"undo {record_id}")
            record = get_record(record_id)
            compared = compare_fields(record, by=by)
            if any(row.conflicts for row in compared):
                raise ChangedSince(compared)
            with grouped_changes(undoes=record_id) as group:
                _get_undo(record).apply(record, by)
            if not group.record_ids:
                raise ChangedSince(compared)
    except IntegrityError as error:
        if constraint_of(error) == "uq_audit_records_undoes_id":
            raise _already_undone() from error
        raise
    return group.record_ids[0]


def undo_batch(batch_id: UUID, *, by: Actor, besides: UUID | None = None) -> list[UUID]:
    """Undo the records of a batch, newest first, except those already undone. All or nothing.

    If one record stands for the whole batch, it is undone, and undoes the others: call this with its ID as `besides`.
    Return the IDs of the new records. Raise NotFound, Refused for a batch that is too large, and as `undo_change`.
    """
    with transaction(), grouped_changes():
        records = [record for record in records_of_batch(batch_id, BATCH_MAX + 1) if record.id != besides]
        if len(records) > BATCH_MAX:
            raise Refused(_("This is too large to undo at once"), code="too_large")
        whole = next((record for record in records if record.subject_id == batch_id or _is_whole(record)), None)
        open_records = [record.id for record in ([whole] if whole else records) if record.undone_by_id is None]
        if not open_records:
            raise _already_undone()
        return [undo_change(record_id, by=by) for record_id in open_records]


def _is_whole(record: AuditRecord) -> bool:
    undo = current_registry().get(UndoRegistry).get(Action(record.action))
    return undo is not None and undo.whole


def _get_undo(record: AuditRecord) -> Undo:
    undo = find_undo(record)
    if undo is None:
        raise _already_undone() if record.undone_by_id else Refused(_("This change cannot be undone"), code="no_undo")
    return undo


def _already_undone() -> Stale:
    return Stale(_("This change was already undone"))
