"""flask users import …"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, BinaryIO

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from webapp.attributes.queries import import_headings, live_attributes
from webapp.core.commands import Unfinished, command_actor, delayed_interrupt, echo, json_option, print_json
from webapp.core.errors import Refused
from webapp.imports.reading import Table, read_csv
from webapp.imports.services import ImportResult, import_row


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--invite", is_flag=True, help="Send an invitation to each person who is created.")
@json_option
@with_appcontext
def import_command(file: BinaryIO, invite: bool, as_json: bool) -> None:
    """Create the people of a CSV FILE (- for standard input).

    Encodings: UTF-8, UTF-16, Windows-1251. Delimiters: comma, semicolon, tab, bar. Headings are in English or Russian;
    attributes have their key or name as heading. Refused rows are listed with number and reason, all other rows are
    created. The exit code is 1 if a row was refused.
    """
    with _seekable(file) as source, read_csv(source, attributes=import_headings(live_attributes())) as table:
        result = _import(table, invite=invite)
    if as_json:
        print_json({"encoding": table.encoding, "ignored": table.ignored, **asdict(result)})
    else:
        echo(f"Read as {table.encoding}, separated by {table.delimiter!r}.")
        if table.ignored:
            echo(f"No field for: {', '.join(table.ignored)}.")
        for row in result.refused:
            echo(f"row {row.row}: {row.email!r} refused: {'; '.join(row.reasons)}")
        echo(f"{result.created} created, {len(result.refused)} refused.")
    sys.exit(1 if result.refused else 0)


def _import(table: Table, *, invite: bool) -> ImportResult:
    """Create the people row by row. Raise Unfinished if the import stops before the end."""
    result, by, number = ImportResult(), command_actor(), 1
    try:
        with delayed_interrupt() as check_interrupt:
            for row in table.rows:
                check_interrupt()
                number = row.number
                import_row(row, result, invite=invite, by=by)
    except (Refused, SQLAlchemyError, OSError, KeyboardInterrupt) as error:
        refused = len(result.refused)
        text = f"{result.created} created, {refused} refused. The last row was {number}."
        raise Unfinished(text, {"created": result.created, "refused": refused, "last_row": number}) from error
    return result


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[IO[bytes]]:
    """The file, or a copy of it on disk if it is a pipe."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        yield copy
