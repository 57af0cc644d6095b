"""Notes as pages print them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.notes.models import Note
from webapp.notes.viewer import can_delete_notes, can_edit_note

# The card on the page of a person shows the beginning of longer notes.
EXCERPT_MAX = 600
EXCERPT_LINES = 8


@dataclass(frozen=True)
class NoteRow:
    """A note. `is_cut`: `text` is only its beginning."""

    id: UUID
    text: str
    is_cut: bool
    author: str
    created_at: datetime
    edited_at: datetime | None
    can_edit: bool
    can_delete: bool


def note_rows(notes: Iterable[Note], user_id: UUID, *, excerpts: bool = False) -> list[NoteRow]:
    deletes_all = can_delete_notes(user_id)
    rows = []
    for note in notes:
        is_own = can_edit_note(note)
        text = _excerpt(note.text) if excerpts else note.text
        rows.append(
            NoteRow(
                id=note.id,
                text=text,
                is_cut=text != note.text,
                author=note.author_name,
                created_at=note.created_at,
                edited_at=note.edited_at,
                can_edit=is_own,
                can_delete=is_own or deletes_all,
            )
        )
    return rows


def _excerpt(text: str) -> str:
    shown = "\n".join(text.split("\n")[:EXCERPT_LINES])[:EXCERPT_MAX]
    return shown if shown == text else shown.rstrip() + "…"
