"""The commands `flask feeds …`."""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import echo, json_option, print_json
from webapp.feeds.checks import HEADER_DEFAULT
from webapp.feeds.kind import FEEDS
from webapp.feeds.models import Source
from webapp.feeds.queries import list_feeds, mapping_named
from webapp.feeds.schemas import FeedOut, FeedRunOut, FeedRunsPage
from webapp.feeds.services import create_feed, update_feed
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Mode
from webapp.recurring.commands import Commands, add_commands, row_argument, timetable_options, with_options
from webapp.users.acting import acting_as, as_option

feeds_commands = AppGroup("feeds", help="Import files that arrive regularly: list, add, change, run, pause, delete.")


feed_options = (
    click.option("--path", help="A path below FEED_DIR. Its last part may have * and ?: the newest file is read."),
    click.option("--url", help="An address with https, instead of a path."),
    click.option("--header-name", help=f"A header of the request. By default {HEADER_DEFAULT}."),
    click.option("--header-stdin", is_flag=True, help="Read the secret value of the header from standard input."),
    click.option("--encoding", help="The encoding of the file. By default it is recognised."),
    click.option("--mode", type=click.Choice([mode.value for mode in Mode]), help="By default match."),
    click.option("--key", help=f"Find people by email, username, id or attr.KEY. By default {EMAIL}."),
    click.option(
        "--threshold",
        type=click.IntRange(0, 100),
        help=f"The mode match stops if more percent of the people are missing. By default {THRESHOLD_DEFAULT}.",
    ),
    click.option("--invite/--no-invite", default=None, help="Send invitations to new people."),
    *timetable_options,
)


@feeds_commands.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List feeds by name."""
    rows = [FeedOut.of(feed) for feed in list_feeds()]
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        state = "paused" if row.paused_at else "active"
        echo("\t".join([str(row.id), state, row.last_outcome or "-", row.name, row.location]))


@feeds_commands.command("add")
@as_option
@click.option("--name", required=True)
@click.option("--mapping", required=True, help="The name of a saved import.")
@click.option("--at", "time_of_day", required=True, help="The time of day, for example 02:30.")
@with_options(feed_options)
@json_option
def add(as_user: str, as_json: bool, mapping: str, **options: Any) -> None:
    """Create a feed. It imports in the name of the user."""
    values = _values(options)
    values |= {"mapping_id": mapping_named(mapping).id, "timezone": values.get("timezone", "UTC")}
    COMMANDS.print(create_feed(**values, by=acting_as(as_user)), as_json)


@feeds_commands.command("edit")
@row_argument("FEED")
@as_option
@click.option("--name")
@click.option("--mapping", help="The name of a saved import.")
@click.option("--at", "time_of_day", help="The time of day, for example 02:30.")
@with_options(feed_options)
@json_option
def edit(row_id: UUID, as_user: str, as_json: bool, mapping: str | None, **options: Any) -> None:
    """Change a feed. From then on, it imports in the name of the user."""
    values = _values(options)
    if mapping:
        values["mapping_id"] = mapping_named(mapping).id
    COMMANDS.print(update_feed(row_id, **values, by=acting_as(as_user)), as_json)


def _values(options: dict[str, Any]) -> Any:
    """Return the given options as the service takes them. Raise UsageError for a path and an address together."""
    values = {name: value for name, value in options.items() if value is not None}
    if values.pop("header_stdin"):
        values["header"] = sys.stdin.readline().strip()
    if "path" in values and "url" in values:
        raise click.UsageError("Give --path or --url, not both.")
    if "path" in values or "url" in values:
        values["source"] = (Source.FOLDER if "path" in values else Source.ADDRESS).value
    return values


add_commands(
    feeds_commands,
    COMMANDS := Commands(
        FEEDS,
        helps={
            "show": "Show a feed.",
            "run": "Run a feed now, in the name of its owner."
            " The exit code is 1 if it fails or stops at its threshold.",
            "runs": "List the runs of a feed, newest first.",
            "pause": "Start no runs until the feed is resumed.",
            "resume": "Run at the next time again.",
            "delete": "Delete a feed. It can be restored for 30 days.",
            "restore": "Restore a deleted feed. It is paused then.",
        },
        out=FeedOut.of,
        run_out=FeedRunOut.of,
        runs_page=FeedRunsPage,
        line=lambda run: f"{run.outcome or 'running':<10}  {run.filename}  {run.message}",
    ),
    argument="FEED",
)
