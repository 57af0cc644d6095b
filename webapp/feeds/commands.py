"""The commands `flask feeds …`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.db.session import db
from webapp.feeds.checks import HEADER_DEFAULT
from webapp.feeds.models import Feed, FeedRun, RunOutcome, Source
from webapp.feeds.queries import NEWEST_FIRST, get_feed, list_feeds, list_runs, mapping_named
from webapp.feeds.schemas import FeedOut, FeedRunOut, FeedRunsPage
from webapp.feeds.services import (
    create_feed,
    delete_feed,
    pause_feed,
    restore_feed,
    resume_feed,
    run_feed,
    update_feed,
)
from webapp.imports.models import EMAIL, THRESHOLD_DEFAULT, Mode
from webapp.jobs.running import run_here
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.users.acting import acting_as, as_option

Command = TypeVar("Command", bound=Callable[..., Any])

feeds_commands = AppGroup("feeds", help="Import files that arrive regularly: list, add, change, run, pause, delete.")
feed_argument = click.argument("feed", type=click.UUID)


def feed_options(command: Command) -> Command:
    """The options that `add` and `edit` have."""
    options = [
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
        click.option("--timezone", help="The time zone of the time of day. By default UTC."),
        click.option("--weekday", type=click.IntRange(0, 6), help="0 is Monday. By default every day."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


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
@feed_options
@json_option
def add(as_user: str, as_json: bool, mapping: str, **options: Any) -> None:
    """Create a feed. It imports in the name of the user."""
    values = _values(options)
    values |= {"mapping_id": mapping_named(mapping).id, "timezone": values.get("timezone", "UTC")}
    _print(create_feed(**values, by=acting_as(as_user)), as_json)


@feeds_commands.command("show")
@feed_argument
@json_option
def show(feed: UUID, as_json: bool) -> None:
    """Show a feed."""
    _print(get_feed(feed), as_json)


@feeds_commands.command("edit")
@feed_argument
@as_option
@click.option("--name")
@click.option("--mapping", help="The name of a saved import.")
@click.option("--at", "time_of_day", help="The time of day, for example 02:30.")
@feed_options
@json_option
def edit(feed: UUID, as_user: str, as_json: bool, mapping: str | None, **options: Any) -> None:
    """Change a feed. From then on, it imports in the name of the user."""
    values = _values(options)
    if mapping:
        values["mapping_id"] = mapping_named(mapping).id
    _print(update_feed(feed, **values, by=acting_as(as_user)), as_json)


@feeds_commands.command("run")
@feed_argument
@json_option
def run(feed: UUID, as_json: bool) -> None:
    """Run a feed now, in the name of its owner. The exit code is 1 if it fails or stops at its threshold."""
    started = run_feed(feed, by=command_actor())
    if started.job_id:
        run_here(started.job_id)
    ended = db.session.get_one(FeedRun, started.id, populate_existing=True)
    print_record(FeedRunOut.of(ended).model_dump(mode="json"), as_json=as_json)
    if ended.outcome in {RunOutcome.FAILED, RunOutcome.STOPPED}:
        raise SystemExit(1)


@feeds_commands.command("runs")
@feed_argument
@page_options
@json_option
def runs(feed: UUID, limit: int, after: str | None, as_json: bool) -> None:
    """List the runs of a feed, newest first."""
    page = paginate(list_runs(get_feed(feed).id), NEWEST_FIRST, Window(limit, after))
    body = FeedRunsPage(items=[FeedRunOut.of(each) for each in page.items], **page_fields(page))
    lines = (
        f"{each.started_at:%Y-%m-%d %H:%M}  {each.outcome or 'running':<10}  {each.filename}  {each.message}".rstrip()
        for each in page.items
    )
    print_page(page, body, lines, as_json=as_json)


@feeds_commands.command("pause")
@feed_argument
@json_option
def pause(feed: UUID, as_json: bool) -> None:
    """Start no runs until the feed is resumed."""
    _print(pause_feed(feed, by=command_actor()), as_json)


@feeds_commands.command("resume")
@feed_argument
@json_option
def resume(feed: UUID, as_json: bool) -> None:
    """Run at the next time again."""
    _print(resume_feed(feed, by=command_actor()), as_json)


@feeds_commands.command("delete")
@feed_argument
def delete(feed: UUID) -> None:
    """Delete a feed. It can be restored for 30 days."""
    delete_feed(feed, by=command_actor())


@feeds_commands.command("restore")
@feed_argument
@json_option
def restore(feed: UUID, as_json: bool) -> None:
    """Restore a deleted feed. It is paused then."""
    _print(restore_feed(feed, by=command_actor()), as_json)


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


def _print(feed: Feed, as_json: bool) -> None:
    print_record(FeedOut.of(feed).model_dump(mode="json"), as_json=as_json)
