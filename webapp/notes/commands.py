"""`flask users note` and `flask users notes`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.notes.queries import latest_notes_about
from webapp.notes.schemas import NoteOut
from webapp.notes.services import add_note
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
        echo(f"{note.created_at:%Y-%m-%d %H:%M}  {note.author_name}\n{note.text}\n")


note_commands = (add, show)
