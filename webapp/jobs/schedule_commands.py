"""`flask schedules`: list, show, pause, resume and run schedules."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.jobs import schedules
from webapp.jobs.models import State
from webapp.jobs.running import run_here
from webapp.jobs.schemas import JobOut, ScheduleOut

schedules_commands = AppGroup("schedules", help="List, show, pause, resume and run schedules.")
name_argument = click.argument("name")


@schedules_commands.command("list")
@json_option
def index(as_json: bool) -> None:
    """List all schedules."""
    rows = [ScheduleOut.of(row) for row in schedules.list_schedules()]
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        next_run = f"{row.next_run_at:%Y-%m-%d %H:%M} UTC" if row.next_run_at else "-"
        echo(f"{row.name:<24}  {'paused' if row.paused_at else next_run:<20}  {row.every}")


@schedules_commands.command("show")
@name_argument
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the schedule with this NAME, for example jobs.purge."""
    _print(name, as_json=as_json)


@schedules_commands.command("pause")
@name_argument
@json_option
def pause(name: str, as_json: bool) -> None:
    """Start no more jobs of a schedule until it is resumed."""
    schedules.pause(name, by=command_actor())
    _print(name, as_json=as_json)


@schedules_commands.command("resume")
@name_argument
@json_option
def resume(name: str, as_json: bool) -> None:
    """Continue a schedule at the next regular time."""
    schedules.resume(name, by=command_actor())
    _print(name, as_json=as_json)


@schedules_commands.command("run")
@name_argument
@json_option
def run(name: str, as_json: bool) -> None:
    """Run the job of a schedule now, without a worker. The exit code is 1 if the job fails."""
    job = run_here(schedules.run_now(name, by=command_actor()).id)
    print_record(JobOut.of(job).model_dump(mode="json"), as_json=as_json)
    if job.state == State.FAILED:
        raise SystemExit(1)


def _print(name: str, *, as_json: bool) -> None:
    print_record(ScheduleOut.of(schedules.get_schedule(name)).model_dump(mode="json"), as_json=as_json)
