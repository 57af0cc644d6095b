"""The commands `flask exports …`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.core.commands import command_actor, json_option, print_record
from webapp.core.texts import LOCALES
from webapp.db.session import db
from webapp.jobs.running import run_here
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.scheduled_exports.models import KEEP_DEFAULT, ExportRun, RunOutcome, ScheduledExport, Target
from webapp.scheduled_exports.queries import NEWEST_FIRST, OLDEST_FIRST, get_export, list_exports, list_runs
from webapp.scheduled_exports.schemas import ExportRunOut, ExportRunsPage, ScheduledExportOut, ScheduledExportsPage
from webapp.scheduled_exports.services import (
    create_export,
    delete_export,
    pause_export,
    restore_export,
    resume_export,
    run_export,
    update_export,
)
from webapp.users.acting import acting_as, as_option

Command = TypeVar("Command", bound=Callable[..., Any])

exports_commands = AppGroup(
    "exports", help="Exports that are created regularly: list, add, change, run, pause, delete."
)
export_argument = click.argument("export", type=click.UUID)


def export_options(command: Command) -> Command:
    """The options that `add` and `edit` have."""
    options = [
        click.option("--address", help="Which people: parameters of the list, for example status=active."),
        click.option(
            "--column", "columns", multiple=True, help="A column. You can repeat this option. By default all."
        ),
        click.option("--format", type=click.Choice([each.value for each in FileFormat]), help="By default csv."),
        click.option("--headings", type=click.Choice([each.value for each in Headings]), help="By default labels."),
        click.option("--locale", type=click.Choice(list(LOCALES)), help="The language of headings. By default en."),
        click.option("--target", type=click.Choice([each.value for each in Target]), help="By default mail."),
        click.option("--keep", type=int, help=f"How many files are kept. By default {KEEP_DEFAULT}."),
        click.option("--timezone", help="The time zone of the time of day. By default UTC."),
        click.option("--weekday", type=click.IntRange(0, 6), help="0 is Monday. By default every day."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@exports_commands.command("list")
@page_options
@json_option
def list_all(limit: int, after: str | None, as_json: bool) -> None:
    """List the scheduled exports of everyone, oldest first."""
    page = paginate(list_exports(), OLDEST_FIRST, Window(limit, after))
    body = ScheduledExportsPage(items=[ScheduledExportOut.of(each) for each in page.items], **page_fields(page))
    lines = (
        "\t".join([str(each.id), "paused" if each.paused_at else "active", each.last_outcome or "-", each.name])
        for each in page.items
    )
    print_page(page, body, lines, as_json=as_json)


@exports_commands.command("add")
@as_option
@click.option("--name", required=True)
@click.option("--at", "time_of_day", required=True, help="The time of day, for example 06:00.")
@export_options
@json_option
def add(as_user: str, as_json: bool, **options: Any) -> None:
    """Schedule an export of a user. It has what they may see and export."""
    values: Any = {"timezone": "UTC"} | _values(options)
    _print(create_export(**values, by=acting_as(as_user)), as_json)


@exports_commands.command("show")
@export_argument
@json_option
def show(export: UUID, as_json: bool) -> None:
    """Show a scheduled export."""
    _print(get_export(export), as_json)


@exports_commands.command("edit")
@export_argument
@as_option
@click.option("--name")
@click.option("--at", "time_of_day", help="The time of day, for example 06:00.")
@export_options
@json_option
def edit(export: UUID, as_user: str, as_json: bool, **options: Any) -> None:
    """Change a scheduled export as its owner."""
    _print(update_export(export, **_values(options), by=acting_as(as_user)), as_json)


@exports_commands.command("run")
@export_argument
@json_option
def run(export: UUID, as_json: bool) -> None:
    """Create the file now. `flask jobs file` writes it. The exit code is 1 if it fails."""
    started = run_export(export, by=command_actor())
    if started.job_id:
        run_here(started.job_id)
    ended = db.session.get_one(ExportRun, started.id, populate_existing=True)
    print_record(ExportRunOut.of(ended).model_dump(mode="json"), as_json=as_json)
    if ended.outcome == RunOutcome.FAILED:
        raise SystemExit(1)


@exports_commands.command("runs")
@export_argument
@page_options
@json_option
def runs(export: UUID, limit: int, after: str | None, as_json: bool) -> None:
    """List the runs of a scheduled export, newest first."""
    page = paginate(list_runs(get_export(export).id), NEWEST_FIRST, Window(limit, after))
    body = ExportRunsPage(items=[ExportRunOut.of(each) for each in page.items], **page_fields(page))
    lines = (
        f"{each.started_at:%Y-%m-%d %H:%M}  {each.outcome or 'running':<7}  {each.people:>7}  {each.job_id}"
        for each in page.items
    )
    print_page(page, body, lines, as_json=as_json)


@exports_commands.command("pause")
@export_argument
@json_option
def pause(export: UUID, as_json: bool) -> None:
    """Create no files until the export is resumed."""
    _print(pause_export(export, by=command_actor()), as_json)


@exports_commands.command("resume")
@export_argument
@json_option
def resume(export: UUID, as_json: bool) -> None:
    """Create files again."""
    _print(resume_export(export, by=command_actor()), as_json)


@exports_commands.command("delete")
@export_argument
def delete(export: UUID) -> None:
    """Delete a scheduled export. It can be restored for 30 days."""
    delete_export(export, by=command_actor())


@exports_commands.command("restore")
@export_argument
@json_option
def restore(export: UUID, as_json: bool) -> None:
    """Restore a deleted scheduled export. It is paused then."""
    _print(restore_export(export, by=command_actor()), as_json)


def _values(options: dict[str, Any]) -> Any:
    """Return the given options as the service takes them."""
    values = {name: value for name, value in options.items() if value not in (None, ())}
    return values | ({"columns": list(values["columns"])} if "columns" in values else {})


def _print(export: ScheduledExport, as_json: bool) -> None:
    print_record(ScheduledExportOut.of(export).model_dump(mode="json"), as_json=as_json)
