"""The commands `flask apply` and `flask export-config`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO, TextIO

import click
from flask.cli import with_appcontext

from webapp.audit.services import Value
from webapp.config_files.plan import Entry, Outcome
from webapp.config_files.services import Applied, apply_config, export_config
from webapp.core.commands import command_actor, echo, json_option, print_json

SIGNS = {Outcome.CREATE: "+", Outcome.RESTORE: "+", Outcome.CHANGE: "~", Outcome.DELETE: "-"}


@click.command("apply")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--plan", "plan_hash", default="", metavar="PLAN", help="Apply only if the plan is still this one.")
@json_option
@with_appcontext
def apply_command(file: BinaryIO, dry_run: bool, plan_hash: str, as_json: bool) -> None:
    """Apply a configuration FILE (- for standard input): roles, groups, attributes, settings, schedules, webhooks.

    What the file does not mention stays as it is. All changes are made together, or none. `flask audit undo --batch`
    undoes them. docs/configuration-files.md explains the format.
    """
    from webapp.config_files.reading import FILE_BYTES_MAX, read_config  # noqa: PLC0415  YAML, which others do not need

    read = read_config(file.read(FILE_BYTES_MAX + 1))
    name = click.format_filename(getattr(file, "name", "-"), shorten=True)
    by = command_actor()
    applied = apply_config(read.config, lines=read.lines, name=name, dry_run=dry_run, plan_hash=plan_hash, by=by)
    if as_json:
        print_json(_as_json(applied, dry_run=dry_run))
        return
    for line in _lines(applied, dry_run=dry_run):
        echo(line)


@click.command("export-config")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@with_appcontext
def export_config_command(file: TextIO) -> None:
    """Write the configuration to FILE, by default to standard output, in the format of `flask apply`.

    The file has no secrets and no people.
    """
    from webapp.config_files.writing import to_yaml  # noqa: PLC0415  YAML, which others do not need

    text = to_yaml(export_config())
    if file.name == "<stdout>":
        echo(text.removesuffix("\n"))
    else:
        file.write(text)
        file.flush()


def _as_json(applied: Applied, *, dry_run: bool) -> dict[str, Any]:
    changes = [asdict(entry) for entry in applied.entries if entry.outcome != Outcome.UNCHANGED]
    return {
        "dry_run": dry_run,
        "plan": applied.plan_hash,
        "batch_id": applied.batch_id,
        "counts": applied.counts,
        "changes": changes,
    }


def _lines(applied: Applied, *, dry_run: bool) -> Iterator[str]:
    for entry in applied.entries:
        if entry.outcome != Outcome.UNCHANGED:
            yield f"{SIGNS[entry.outcome]} {entry.outcome} {entry.section} {entry.name}".rstrip()
            if entry.outcome != Outcome.DELETE:
                yield from _field_lines(entry)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in applied.counts.items() if number)
    yield f"{'Dry run' if dry_run else 'Applied'}: {counts or 'the file mentions nothing'}."
    if dry_run and applied.entries:
        yield f"To apply exactly this: add --plan {applied.plan_hash} instead of --dry-run."
    if applied.batch_id:
        yield f"To undo all of it: flask --app wsgi audit undo --batch {applied.batch_id}"


def _field_lines(entry: Entry) -> Iterator[str]:
    for name, (before, after) in entry.fields.items():
        if before is None:
            yield f"    {name}: {_shown(after)}"
        else:
            yield f"    {name}: {_shown(before)} → {_shown(after)}"


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(value) + "]"
    return repr(value) if value else "empty"
