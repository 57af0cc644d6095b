"""`flask users export`, and the options of a file."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any, BinaryIO
from urllib.parse import urlencode

import click
from flask.cli import with_appcontext

from webapp.attributes.queries import live_attributes
from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat, FileOptions
from webapp.bulk.selection import select_matches
from webapp.bulk.whole_export import export_people
from webapp.core.commands import command_actor
from webapp.directory.viewer import Viewer

_FORMAT = click.option(
    "--format",
    "format_",
    type=click.Choice([each.value for each in FileFormat]),
    default=FileFormat.CSV.value,
    show_default=True,
)
_HEADINGS = click.option(
    "--headings",
    type=click.Choice([each.value for each in Headings]),
    default=Headings.LABELS.value,
    show_default=True,
    help="Headings, statuses and roles as people read them, or as keys. JSON lines and LDIF have keys.",
)


def file_options(command: Any) -> Any:
    return _FORMAT(_HEADINGS(command))


def chosen_options(format_: str, headings: str) -> FileOptions:
    return FileOptions(FileFormat(format_), Headings(headings))


@click.command("export")
@file_options
@click.option("--q", "search", default="", help="Search text, as on the page of users. Without it: everyone.")
@click.argument("file", type=click.File("wb"), default="-")
@with_appcontext
def users_export_command(file: BinaryIO, search: str, **chosen: str) -> None:
    """Write everyone, or the people who match a search, to FILE, by default to standard output.

    People in the bin are left out. `users import` reads the file in each format.
    """
    matches = select_matches(urlencode({"q": search}), Viewer(read_attributes=live_attributes))
    # The file is complete or not there: it is copied at the end.
    with tempfile.TemporaryFile() as whole:
        count = export_people(whole, matches.people, options=chosen_options(**chosen), by=command_actor())
        whole.seek(0)
        shutil.copyfileobj(whole, file)
        file.flush()
    click.echo(f"{count:,} {'person' if count == 1 else 'people'} exported.", err=True)
