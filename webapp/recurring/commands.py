"""The commands that are the same for each kind: show, run, runs, pause, resume, delete, restore.

`add_commands` adds them to the group of a kind. Each gets the `Commands` of its kind as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import click
from flask.cli import AppGroup
from pydantic import BaseModel

from webapp.core.commands import command_actor, json_option, print_record
from webapp.db.session import db
from webapp.jobs.running import run_here
from webapp.lists.commands import page_options, print_page
from webapp.lists.page import Window, paginate
from webapp.lists.schemas import page_fields
from webapp.recurring.kinds import Kind, Row, Run
from webapp.recurring.queries import get_row, list_runs, newest_first
from webapp.recurring.services import delete_row, pause_row, restore_row, resume_row, run_row

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Commands(Generic[Row, Run]):
    """The commands of one kind.

    `helps`: what `--help` says of each command. `line`: what the list of runs says of a run besides its time.
    """

    kind: Kind[Row, Run]
    helps: Mapping[str, str]
    out: Callable[[Row], BaseModel]
    run_out: Callable[[Run], BaseModel]
    runs_page: Callable[..., BaseModel]
    line: Callable[[Run], str]

    def print(self, row: Row, as_json: bool) -> None:
        print_record(self.out(row).model_dump(mode="json"), as_json=as_json)


def row_argument(name: str) -> Callable[[Command], Command]:
    return click.argument("row_id", metavar=name, type=click.UUID)


def with_options(options: Iterable[Callable[[Any], Any]]) -> Callable[[Command], Command]:
    """Add options that several commands have."""

    def add(command: Command) -> Command:
        for option in reversed(list(options)):
            command = option(command)
        return command

    return add


timetable_options = (
    click.option("--timezone", help="The time zone of the time of day. By default UTC."),
    click.option("--weekday", type=click.IntRange(0, 6), help="0 is Monday. By default every day."),
)


def add_commands(group: AppGroup, commands: Commands[Any, Any], argument: str) -> None:
    """`argument`: the name of the argument in `--help`, such as FEED."""
    for view in (show, run, runs, pause, resume, delete, restore):
        name = view.__name__
        options: list[Callable[[Any], Any]] = [page_options] if view is runs else []
        options += [] if view is delete else [json_option]
        command = with_options([row_argument(argument), *options])(partial(view, commands))
        group.command(name, help=commands.helps[name])(command)


def show(commands: Commands[Any, Any], row_id: UUID, as_json: bool) -> None:
    commands.print(get_row(commands.kind, row_id), as_json)


def run(commands: Commands[Any, Any], row_id: UUID, as_json: bool) -> None:
    """Run it now. The exit code is 1 if the outcome is a problem."""
    started = run_row(commands.kind, row_id, by=command_actor())
    if started.job_id:
        run_here(started.job_id)
    ended = db.session.get_one(commands.kind.run, started.id, populate_existing=True)
    print_record(commands.run_out(ended).model_dump(mode="json"), as_json=as_json)
    if ended.outcome in commands.kind.problems:
        raise SystemExit(1)


def runs(commands: Commands[Any, Any], row_id: UUID, limit: int, after: str | None, as_json: bool) -> None:
    found = list_runs(commands.kind, get_row(commands.kind, row_id).id)
    page = paginate(found, newest_first(commands.kind), Window(limit, after))
    body = commands.runs_page(items=[commands.run_out(each) for each in page.items], **page_fields(page))
    lines = (f"{each.started_at:%Y-%m-%d %H:%M}  {commands.line(each)}".rstrip() for each in page.items)
    print_page(page, body, lines, as_json=as_json)


def pause(commands: Commands[Any, Any], row_id: UUID, as_json: bool) -> None:
    commands.print(pause_row(commands.kind, row_id, by=command_actor()), as_json)


def resume(commands: Commands[Any, Any], row_id: UUID, as_json: bool) -> None:
    commands.print(resume_row(commands.kind, row_id, by=command_actor()), as_json)


def delete(commands: Commands[Any, Any], row_id: UUID) -> None:
    delete_row(commands.kind, row_id, by=command_actor())


def restore(commands: Commands[Any, Any], row_id: UUID, as_json: bool) -> None:
    commands.print(restore_row(commands.kind, row_id, by=command_actor()), as_json)
