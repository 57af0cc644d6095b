"""Taking a change back: which changes can be, what stands in the way, and the change that does it.

Rooms say how theirs are taken back, each by its own service, which checks what it always checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from webapp.audit.models import Action, AuditRecord
from webapp.audit.queries import get_record
from webapp.audit.services import Value, one_act
from webapp.core.context import current_registry
from webapp.core.errors import Refused, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.constraints import constraint_of
from webapp.db.transactions import lock, transaction

Apply = Callable[[AuditRecord, Actor], object]
Current = Callable[[AuditRecord, Actor], Mapping[str, Value]]


@dataclass(frozen=True)
class Undo:
    """How the changes of one action are taken back.

    `current` gives the fields of the record as they are now, in the words of the record, and raises NotFound or
    Forbidden for who may not take it back; `fields` tells those that can be put back, None for any.
    """

    permission: Permission
    apply: Apply
    current: Current
    fields: Callable[[str], bool] | None = None


class Compared(NamedTuple):
    """One field: what the change made of it, what it is now, and what undoing puts back."""

    field: str
    made: Value
    now: Value
    back: Value

    @property
    def overtaken(self) -> bool:
        return (self.made or None) != (self.now or None)


class Overtaken(Stale):
    """Somebody changed it since: undoing would overwrite that. `compared` shows what."""

    def __init__(self, compared: list[Compared]) -> None:
        super().__init__(_("Something has changed since. Nothing was undone."))
        self.compared = compared


class Undos(dict[Action, Undo]):
    """How the changes of each action are undone. Packages register theirs."""


def offered(record: AuditRecord) -> Undo | None:
    """How this change can be taken back; None for one that cannot be, or was."""
    undo = current_registry().get(Undos).get(Action(record.action))
    if undo is None or record.undone_by_id is not None or not record.changes:
        return None
    return undo if undo.fields is None or all(map(undo.fields, record.changes)) else None


def comparison(record: AuditRecord, *, by: Actor) -> list[Compared]:
    """Every field of the change. Raises Refused for one that cannot be taken back, NotFound or Forbidden."""
    undo = _existing(record)
    now = undo.current(record, by)
    return [Compared(name, made, now.get(name), back) for name, (back, made) in record.changes.items()]


def undo_change(record_id: UUID, *, by: Actor) -> UUID:
    """Takes a change back, as a change of its own: the id of its record.

    Raises Overtaken when something has changed since, Stale when it was taken back already, and what the change itself
    would be refused with.
    """
    try:
        with transaction():
            lock(f"undo {record_id}")
            record = get_record(record_id)
            compared = comparison(record, by=by)
            if any(row.overtaken for row in compared):
                raise Overtaken(compared)
            with one_act(undoes=record_id) as act:
                _existing(record).apply(record, by)
            if not act.record_ids:
                raise Overtaken(compared)
    except IntegrityError as error:
        if constraint_of(error) == "uq_audit_records_undoes_id":
            raise _undone() from error
        raise
    return act.record_ids[0]


def _existing(record: AuditRecord) -> Undo:
    undo = offered(record)
    if undo is None:
        raise _undone() if record.undone_by_id else Refused(_("This change cannot be undone."), code="no_undo")
    return undo


def _undone() -> Stale:
    return Stale(_("This change was undone already."))
