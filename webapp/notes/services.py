"""The only entry point to changes of notes. Audit records name a note, and never contain its text."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select, update

from webapp.access.checks import powers_of_actor
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.erasure import pseudonym_of
from webapp.core.errors import Forbidden, Gone, Invalid, NotFound, Stale
from webapp.core.permissions import Actor, Permission
from webapp.core.text import clean_paragraphs
from webapp.core.texts import _
from webapp.db.operators import in_ids
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.notes.models import NOTE_MAX, Note
from webapp.users.models import NAME_MAX, User
from webapp.users.queries import is_in_reach
from webapp.users.services import lock_user


@transaction()
def add_note(user_id: UUID, *, text: str, by: Actor) -> Note:
    """Write a note about a person. Raise Invalid, Deleted, NotFound or Forbidden."""
    user = _lock(user_id, by=by)
    note = Note(user_id=user_id, text=_cleaned(text), author_id=by.id, author_name=by.label[:NAME_MAX])
    db.session.add(note)
    db.session.flush()
    record(Action.NOTE_ADDED, subject=user, by=by, changes={"note_id": (None, str(note.id))})
    return note


@transaction()
def edit_note(note_id: UUID, *, user_id: UUID, text: str, by: Actor, version: int | None = None) -> Note:
    """Change one's own note. Raise Stale if it was changed since `version`. Raise Invalid, NotFound or Forbidden."""
    user = _lock(user_id, by=by)
    note = _locked_note(note_id, user_id)
    if not is_author(note, by):
        raise Forbidden(_("Only its author can change a note"))
    if version is not None and note.version != version:
        raise Stale(_("This note was changed after you opened it"))
    cleaned = _cleaned(text)
    if cleaned != note.text:
        note.text, note.edited_at = cleaned, now()
        db.session.flush()
        record(Action.NOTE_UPDATED, subject=user, by=by, changes={"note_id": (str(note_id), str(note_id))})
    return note


@transaction()
def delete_note(note_id: UUID, *, user_id: UUID, by: Actor, version: int | None = None) -> None:
    """Delete one's own note or, with users.delete, that of another. Raise NotFound, Stale or Forbidden."""
    user = _lock(user_id, by=by, deleted=True)
    note = _locked_note(note_id, user_id)
    check_deletion(by, note)
    if version is not None and note.version != version:
        raise Stale(_("This note was changed after you opened it"))
    note.deleted_at = now()
    db.session.flush()
    record(Action.NOTE_DELETED, subject=user, by=by, changes={"note_id": (str(note_id), None)})


@transaction()
def restore_note(note_id: UUID, *, user_id: UUID, by: Actor) -> None:
    """Restore a deleted note. Raise Gone if it is no longer kept."""
    user = _lock(user_id, by=by)
    note = db.session.get(Note, note_id, with_for_update=True, populate_existing=True)
    if note is None or note.user_id != user_id:
        raise Gone(_("This note was erased and cannot be restored"))
    check_deletion(by, note)
    note.deleted_at = None
    db.session.flush()
    record(Action.NOTE_RESTORED, subject=user, by=by, changes={"note_id": (None, str(note_id))})


def check_access(by: Actor, user_id: UUID) -> None:
    """Check that `by` may read and write notes about this person.

    A note does nothing to an account. So, unlike other changes, it takes no permissions that the person has.
    """
    powers = powers_of_actor(by)
    if not is_in_reach(user_id, powers.reach(Permission.USERS_READ)):
        raise NotFound(_("This user does not exist"))
    if by.id == user_id or not is_in_reach(user_id, powers.reach(Permission.USERS_EDIT)):
        raise Forbidden(_("You cannot see notes about this user"))


def check_deletion(by: Actor, note: Note) -> None:
    if not is_author(note, by) and not is_in_reach(note.user_id, powers_of_actor(by).reach(Permission.USERS_DELETE)):
        raise Forbidden(_("Only its author and people who can delete this user can delete a note"))


def is_author(note: Note, by: Actor) -> bool:
    return by.id is not None and note.author_id == by.id


def move_notes(from_id: UUID, to_id: UUID, *, only: Collection[UUID] | None = None) -> list[UUID]:
    """Move the notes about a merged account to the kept one, or back. Return their IDs. `only`: at most these.

    Call it in the transaction of the merge, which checks and records.
    """
    theirs = (Note.user_id == from_id, Note.deleted_at.is_(None))
    query = select(Note.id).where(*theirs) if only is None else select(Note.id).where(*theirs, in_ids(Note.id, only))
    ids = list(db.session.scalars(query.with_for_update()))
    if ids:
        moved = update(Note).where(in_ids(Note.id, ids)).values(user_id=to_id)
        db.session.execute(moved, execution_options=NO_SYNC)
    return ids


@transaction()
def delete_expired(note_ids: Collection[UUID]) -> None:
    """Erase deleted notes. No record is written: the deletion has one."""
    db.session.execute(delete(Note).where(Note.id.in_(note_ids), Note.deleted_at.is_not(None)))


def anonymise_author(user_id: UUID) -> None:
    """Replace the name of an erased person on their notes. Runs in the transaction that erases them."""
    values = {"author_id": None, "author_name": pseudonym_of(user_id)}
    db.session.execute(update(Note).where(Note.author_id == user_id).values(values), execution_options=NO_SYNC)


def _lock(user_id: UUID, *, by: Actor, deleted: bool = False) -> User:
    user = lock_user(user_id, deleted=deleted)
    check_access(by, user_id)
    return user


def _locked_note(note_id: UUID, user_id: UUID) -> Note:
    note = db.session.get(Note, note_id, with_for_update=True, populate_existing=True)
    if note is None or note.user_id != user_id or note.deleted_at is not None:
        raise NotFound(_("This note does not exist"))
    return note


def _cleaned(text: str) -> str:
    cleaned = clean_paragraphs(text, field="text", max_length=NOTE_MAX)
    if not cleaned:
        raise Invalid(_("Enter a note"), field="text", code="required")
    return cleaned
