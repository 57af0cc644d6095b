"""flask users import …"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePath
from typing import IO, Any, BinaryIO

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from webapp.attributes.queries import live_attributes
from webapp.core.commands import Unfinished, command_actor, delayed_interrupt, echo, json_option, print_json
from webapp.core.errors import Invalid, Refused
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.files import recognise
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import HEADINGS_SHOWN_MAX
from webapp.imports.known_names import known_names
from webapp.imports.local import Run, open_run
from webapp.imports.models import EMAIL, PLANNED_CHANGES, THRESHOLD_DEFAULT, Import, ImportRow, Mode, Outcome
from webapp.imports.options import Options

MODES = [mode.value for mode in Mode]
ROWS_SHOWN = 1000


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would happen to each row, and change nothing.")
@click.option("--mode", type=click.Choice(MODES), default=Mode.CREATE.value, show_default=True)
@click.option("--key", default=EMAIL, show_default=True, help="Find people by email, username, id or attr.KEY.")
@click.option("--format", "format_name", help="The format of the file. By default it is recognised.")
@click.option("--encoding", help="The encoding of the file. By default it is recognised.")
@click.option("--invite", is_flag=True, help="Send an invitation to each person who is created without a password.")
@click.option(
    "--threshold",
    type=click.IntRange(0, 100),
    default=THRESHOLD_DEFAULT,
    show_default=True,
    help="The mode match stops if it would deactivate more than this percentage of all people.",
)
@json_option
@with_appcontext
def import_command(
    file: BinaryIO,
    dry_run: bool,
    mode: str,
    key: str,
    format_name: str | None,
    encoding: str | None,
    invite: bool,
    threshold: int,
    as_json: bool,
) -> None:
    """Import the people of a FILE (- for standard input).

    Modes: create adds new people; update changes people who exist; upsert does both; match also deactivates people
    whom the file lacks. Rows that conflict or are refused are listed with number and reason, all other rows are
    imported. The exit code is 1 if there is such a row.
    """
    with _seekable(file) as source:
        info = _recognised(source, file, format_name, encoding)
        options = Options(info.mapping, Mode(mode), key, invite, threshold)
        with open_run(source, info, options, filename=_name(file), by=command_actor()) as run:
            _work(run, dry_run=dry_run)
            _print(run.imported, info, dry_run=dry_run, as_json=as_json)
            failed = bool(run.imported.count(*NOT_DONE))
    sys.exit(1 if failed else 0)


NOT_DONE = (Outcome.CONFLICT, Outcome.REFUSED, Outcome.OVERTAKEN)


def _recognised(source: IO[bytes], file: BinaryIO, format_name: str | None, encoding: str | None) -> FileInfo:
    """Raise Invalid if the encoding is ambiguous."""
    info = recognise(
        source,
        filename=_name(file),
        format=format_name,
        encoding=encoding,
        attributes=live_attributes(),
        is_known=known_names(command_actor()),
    )
    if len(info.encodings) > 1:
        offered = ", ".join(info.encodings)
        raise Invalid(
            _("The file can be read in several encodings. Choose one with --encoding: %(names)s", names=offered)
        )
    return info


def _work(run: Run, *, dry_run: bool) -> None:
    """Preview, and apply unless `dry_run`. Raise Unfinished if it stops before the end."""
    try:
        with delayed_interrupt() as check_interrupt:
            run.preview(check_interrupt)
            if not dry_run:
                run.apply(check_interrupt)
    except (Refused, SQLAlchemyError, OSError, KeyboardInterrupt) as error:
        with suppress(SQLAlchemyError):
            run.stop()
        raise _unfinished(run) from error


def _unfinished(run: Run) -> Unfinished:
    """Say what was done before the end, and how to undo it."""
    if not run.was_applied:
        return Unfinished("Nothing was changed.", {})
    count = run.imported.count
    counts = {
        "created": count(Outcome.CREATED),
        "updated": count(Outcome.UPDATED),
        "deactivated": count(Outcome.DEACTIVATED),
        "conflict": count(Outcome.CONFLICT, Outcome.OVERTAKEN),
        "refused": count(Outcome.REFUSED),
        "skipped": count(Outcome.SKIPPED, *PLANNED_CHANGES),
    }
    done = {name: number for name, number in counts.items() if number}
    text = ", ".join(f"{number} {name}" for name, number in done.items())
    return Unfinished(f"{text}. To undo it: flask imports undo {run.imported.id}", done)


_DONE = {"create": "created", "update": "updated", "deactivate": "deactivated"}


def _counts(imported: Import) -> dict[str, int]:
    """Return the numbers of rows under the words of the preview, also after applying."""
    count = imported.count
    return {
        "create": count(Outcome.CREATE, Outcome.CREATED),
        "update": count(Outcome.UPDATE, Outcome.UPDATED),
        "unchanged": count(Outcome.UNCHANGED),
        "conflict": count(Outcome.CONFLICT, Outcome.OVERTAKEN),
        "refused": count(Outcome.REFUSED),
        "deactivate": count(Outcome.DEACTIVATE, Outcome.DEACTIVATED),
        "skipped": count(Outcome.SKIPPED),
    }


def _print(imported: Import, info: FileInfo, *, dry_run: bool, as_json: bool) -> None:
    counts = _counts(imported)
    if as_json:
        rows = [
            {"row": row.number, "outcome": _WORDS.get(row.outcome, row.outcome), "reason": row.message}
            for row in _not_done(imported)
        ]
        ignored = info.mapping.ignored()
        print_json(counts | {"rows": rows, "encoding": info.encoding, "notes": list(info.notes), "ignored": ignored})
        return
    echo(f"Read as {info.format} in {info.encoding}." if info.encoding else f"Read as {info.format}.")
    for note in info.notes:
        echo(note)
    if ignored := info.mapping.ignored():
        echo(f"No field for: {', '.join(ignored)[:HEADINGS_SHOWN_MAX]}.")
    for row in _not_done(imported):
        echo(f"row {row.number}: {row.label!r} {_WORDS.get(row.outcome, row.outcome)}: {row.message}")
    echo(_summary(counts, dry_run=dry_run))


_WORDS = {Outcome.OVERTAKEN.value: Outcome.CONFLICT.value}


def _summary(counts: dict[str, int], *, dry_run: bool) -> str:
    names = {} if dry_run else _DONE
    shown = [f"{number} {names.get(name, name)}" for name, number in counts.items() if number]
    text = ", ".join(shown) or "The file has no rows"
    return f"{text}. Nothing was changed: this is a dry run." if dry_run else f"{text}."


def _not_done(imported: Import) -> Iterator[Any]:
    query = select(ImportRow.number, ImportRow.outcome, ImportRow.label, ImportRow.message)
    query = query.where(ImportRow.import_id == imported.id, ImportRow.outcome.in_(NOT_DONE)).order_by(ImportRow.number)
    return iter(db.session.execute(query, execution_options={"yield_per": ROWS_SHOWN}))


def _name(file: BinaryIO) -> str:
    return PurePath(str(getattr(file, "name", ""))).name


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[IO[bytes]]:
    """The file, or a copy of it on disk if it is a pipe."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        yield copy
