"""Named reads of notes. Who may read them: see `viewer.py`."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.notes.models import Note

NEWEST_FIRST = Order("-id", Note.id, Note.id, descending=True)


def notes_about(user_id: UUID) -> Select[Note]:
    return select(Note).where(Note.user_id == user_id, Note.deleted_at.is_(None))


def latest_notes_about(user_id: UUID, limit: int) -> list[Note]:
    return list(db.session.scalars(notes_about(user_id).order_by(Note.id.desc()).limit(limit)))


def get_note(note_id: UUID, *, user_id: UUID) -> Note:
    """Return the note about this person. Raise NotFound, also for a deleted note."""
    note = db.session.scalars(notes_about(user_id).where(Note.id == note_id)).first()
    if note is None:
        raise NotFound(_("This note does not exist"))
    return note


def all_notes_about(user_id: UUID) -> list[Note]:
    """Return the notes about a person, also deleted ones that are still kept, oldest first."""
    return list(db.session.scalars(select(Note).where(Note.user_id == user_id).order_by(Note.id)))


def expired_note_ids(limit: int) -> list[UUID]:
    """Return deleted notes that no undo can bring back, the one deleted first at the front."""
    is_expired = Note.deleted_at < now() - timedelta(days=current_settings().bin_days)
    return list(db.session.scalars(select(Note.id).where(is_expired).order_by(Note.deleted_at, Note.id).limit(limit)))
