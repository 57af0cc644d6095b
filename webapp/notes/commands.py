"""`flask users note`, `notes`, `edit-note` and `delete-note`."""

from __future__ import annotations

from uuid import UUID

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.notes.queries import latest_notes_about
from webapp.notes.schemas import NoteOut
from webapp.notes.services import add_note, delete_note, edit_note
from webapp.users.acting import acting_as, as_option
from webapp.users.queries import get_user_by_identifier

LISTED_MAX = 200


@click.command("note")
@click.argument("user")
@click.argument("text")
@json_option
@with_appcontext
def add(user: str, text: str, as_json: bool) -> None:
    """Add a note about a user."""
    note = add_note(get_user_by_identifier(user).id, text=text, by=command_actor())
    print_record(NoteOut.of(note).model_dump(mode="json"), as_json=as_json)


@click.command("notes", help=f"Print the notes about a user, newest first: at most {LISTED_MAX}.")
@click.argument("user")
@json_option
@with_appcontext
def show(user: str, as_json: bool) -> None:
    notes = [NoteOut.of(note) for note in latest_notes_about(get_user_by_identifier(user).id, LISTED_MAX)]
    if as_json:
        print_json([note.model_dump(mode="json") for note in notes])
        return
    for note in notes:
        echo(f"{note.id}  {note.created_at:%Y-%m-%d %H:%M}  {note.author_name}\n{note.text}\n")


@click.command("edit-note")
@click.argument("user")
@click.argument("note_id", type=click.UUID)
@click.argument("text")
@as_option
@json_option
@with_appcontext
def edit(user: str, note_id: UUID, text: str, as_user: str, as_json: bool) -> None:
    """Change a note about a user. Only its author can: name them with --as."""
    user_id = get_user_by_identifier(user).id
    note = edit_note(note_id, user_id=user_id, text=text, by=acting_as(as_user))
    print_record(NoteOut.of(note).model_dump(mode="json"), as_json=as_json)


@click.command("delete-note")
@click.argument("user")
@click.argument("note_id", type=click.UUID)
@with_appcontext
def delete(user: str, note_id: UUID) -> None:
    """Delete a note about a user."""
    delete_note(note_id, user_id=get_user_by_identifier(user).id, by=command_actor())
