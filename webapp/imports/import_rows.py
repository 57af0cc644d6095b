"""Rows of the list of imports, as the template prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.imports.labels import MODE_LABELS, STATE_LABELS
from webapp.imports.models import Import, State

STATE_CLASSES: dict[str, str] = {
    State.UPLOADED: "status-waiting",
    State.PLANNING: "status-running",
    State.PLANNED: "status-waiting",
    State.APPLYING: "status-running",
    State.APPLIED: "status-done",
    State.UNDOING: "status-running",
    State.UNDONE: "status-cancelled",
}


@dataclass(frozen=True, slots=True)
class ImportRowView:
    """One row of the list. `requester` is None for commands, and if that person was erased."""

    id: UUID
    filename: str
    mode_label: str
    requester: str | None
    total: int
    state_label: str
    state_class: str
    at: datetime


def import_rows(imports: Iterable[Import]) -> Iterator[ImportRowView]:
    for imported in imports:
        yield ImportRowView(
            id=imported.id,
            filename=imported.filename,
            mode_label=MODE_LABELS[imported.mode],
            requester=imported.requested_by.name if imported.requested_by else None,
            total=imported.total,
            state_label=STATE_LABELS[imported.state],
            state_class=STATE_CLASSES[imported.state],
            at=imported.undone_at or imported.applied_at or imported.created_at,
        )
