"""The commands `flask exports …`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.bulk.export_columns import Headings
from webapp.bulk.export_formats import FileFormat
from webapp.core.commands import json_option
from webapp.core.texts import LOCALES
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.recurring.commands import Commands, add_commands, row_argument, timetable_options, with_options
from webapp.recurring.queries import list_rows
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import KEEP_DEFAULT, Target
from webapp.scheduled_exports.queries import OLDEST_FIRST
from webapp.scheduled_exports.schemas import ExportRunOut, ExportRunsPage, ScheduledExportOut, ScheduledExportsPage
from webapp.scheduled_exports.services import (
    create_export,
    update_export,
)
from webapp.users.acting import acting_as, as_option

exports_commands = AppGroup(
    "exports", help="Exports that are created regularly: list, add, change, run, pause, delete."
)


export_options = (
    click.option("--address", help="Which people: parameters of the list, for example status=active."),
    click.option("--column", "columns", multiple=True, help="A column. You can repeat this option. By default all."),
    click.option("--format", type=click.Choice([each.value for each in FileFormat]), help="By default csv."),
    click.option("--headings", type=click.Choice([each.value for each in Headings]), help="By default labels."),
    click.option("--locale", type=click.Choice(list(LOCALES)), help="The language of headings. By default en."),
    click.option("--target", type=click.Choice([each.value for each in Target]), help="By default mail."),
    click.option("--keep", type=int, help=f"How many files are kept. By default {KEEP_DEFAULT}."),
    *timetable_options,
)


@exports_commands.command("list")
@page_options
@json_option
def list_all(limit: int, after: str | None, as_json: bool) -> None:
    """List the scheduled exports of everyone, oldest first."""
    page = paginate(list_rows(EXPORTS), OLDEST_FIRST, Window(limit, after))
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
@with_options(export_options)
@json_option
def add(as_user: str, as_json: bool, **options: Any) -> None:
    """Schedule an export of a user. It has what they may see and export."""
    values: Any = {"timezone": "UTC"} | _values(options)
    COMMANDS.print(create_export(**values, by=acting_as(as_user)), as_json)


@exports_commands.command("edit")
@row_argument("EXPORT")
@as_option
@click.option("--name")
@click.option("--at", "time_of_day", help="The time of day, for example 06:00.")
@with_options(export_options)
@json_option
def edit(row_id: UUID, as_user: str, as_json: bool, **options: Any) -> None:
    """Change a scheduled export as its owner."""
    COMMANDS.print(update_export(row_id, **_values(options), by=acting_as(as_user)), as_json)


def _values(options: dict[str, Any]) -> Any:
    """Return the given options as the service takes them."""
    values = {name: value for name, value in options.items() if value not in (None, ())}
    return values | ({"columns": list(values["columns"])} if "columns" in values else {})


add_commands(
    exports_commands,
    COMMANDS := Commands(
        EXPORTS,
        helps={
            "show": "Show a scheduled export.",
            "run": "Create the file now. `flask jobs file` writes it. The exit code is 1 if it fails.",
            "runs": "List the runs of a scheduled export, newest first.",
            "pause": "Create no files until the export is resumed.",
            "resume": "Create files again.",
            "delete": "Delete a scheduled export. It can be restored for 30 days.",
            "restore": "Restore a deleted scheduled export. It is paused then.",
        },
        out=ScheduledExportOut.of,
        run_out=ExportRunOut.of,
        runs_page=ExportRunsPage,
        line=lambda run: f"{run.outcome or 'running':<7}  {run.people:>7}  {run.job_id}",
    ),
    argument="EXPORT",
)
