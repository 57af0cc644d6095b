"""flask users import …"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import BinaryIO

import click
from flask.cli import with_appcontext

from webapp.attributes.queries import import_headings, live_attributes
from webapp.core.commands import command_actor, exits_on_refusal, json_option, print_json
from webapp.imports.reading import read_csv
from webapp.imports.services import import_users


@click.command("import")
@click.argument("file", type=click.File("rb"))
@json_option
@with_appcontext
@exits_on_refusal
def import_command(file: BinaryIO, as_json: bool) -> None:
    """Create the people of a CSV FILE (- for standard input).

    Any of UTF-8, UTF-16 and Windows-1251; commas, semicolons, tabs or bars; headings in English or Russian, those of
    attributes by key or name. Rows that cannot be used are listed with their number and reason; the others are created.
    Exit code 1 if any was not.
    """
    table = read_csv(file.read(), attributes=import_headings(live_attributes()))
    outcome = import_users(table, by=command_actor())
    if as_json:
        print_json({"encoding": table.encoding, "ignored": table.ignored, **asdict(outcome)})
    else:
        click.echo(f"Read as {table.encoding}, separated by {table.delimiter!r}.")
        if table.ignored:
            click.echo(f"No field for: {', '.join(table.ignored)}.")
        for refusal in outcome.refused:
            click.echo(f"row {refusal.row}: {refusal.email!r} refused: {'; '.join(refusal.reasons)}")
        click.echo(f"{outcome.created} created, {len(outcome.refused)} refused.")
    sys.exit(1 if outcome.refused else 0)
