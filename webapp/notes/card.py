"""The card of notes on the page of a person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from webapp.notes.forms import NewNoteForm
from webapp.notes.queries import latest_notes_about
from webapp.notes.rows import NoteRow, note_rows
from webapp.notes.viewer import can_see_notes
from webapp.users.models import User

SHOWN = 3


@dataclass(frozen=True)
class NotesCard:
    rows: list[NoteRow]
    has_more: bool
    form: NewNoteForm


def notes_card(user: User) -> NotesCard | None:
    """Return the newest notes about a person, or None if the viewer may not see them. One query."""
    if not can_see_notes(user.id):
        return None
    notes = latest_notes_about(user.id, SHOWN + 1)
    return NotesCard(
        rows=note_rows(notes[:SHOWN], user.id, excerpts=True),
        has_more=len(notes) > SHOWN,
        form=NewNoteForm(None, data={"next": url_for("users.show", user_id=user.id)}),
    )
