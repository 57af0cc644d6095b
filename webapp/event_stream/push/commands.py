"""The commands `flask event-stream …`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from webapp.core.commands import command_actor, echo, json_option, print_json, print_record
from webapp.event_stream.push.queries import get_push
from webapp.event_stream.push.schemas import EventPushOut
from webapp.event_stream.push.sending import push_events, send_test
from webapp.event_stream.push.services import pause_push, record_test, remove_target, resume_push, save_target

event_stream_commands = AppGroup("event-stream", help="Send the event stream to another system.")


@event_stream_commands.command("show")
@json_option
def show(as_json: bool) -> None:
    """Print where events are sent, and how far this is."""
    _print(as_json=as_json)


@event_stream_commands.command("set")
@click.argument("address")
@click.option("--authorization-stdin", is_flag=True, help="Read the header Authorization from standard input.")
@click.option("--older", is_flag=True, help="Send a new target also the events of before.")
@json_option
def set_target(address: str, authorization_stdin: bool, older: bool, as_json: bool) -> None:
    """Send events to ADDRESS: https://… for JSON lines, syslog+tls://host:6514 for syslog."""
    authorization = sys.stdin.readline().strip() if authorization_stdin else None
    save_target(address=address, authorization=authorization, older=older, by=command_actor())
    _print(as_json=as_json)


@event_stream_commands.command("remove")
@json_option
def remove(as_json: bool) -> None:
    """Send no more events, and forget the position in the stream."""
    state = EventPushOut.of(get_push()).model_dump(mode="json")
    remove_target(by=command_actor())
    print_record(state, as_json=as_json)


@event_stream_commands.command("pause")
@json_option
def pause(as_json: bool) -> None:
    """Send nothing until it is resumed."""
    pause_push(by=command_actor())
    _print(as_json=as_json)


@event_stream_commands.command("resume")
@json_option
def resume(as_json: bool) -> None:
    """Send what happened during the pause, and what follows."""
    resume_push(by=command_actor())
    _print(as_json=as_json)


@event_stream_commands.command("test")
@json_option
def test(as_json: bool) -> None:
    """Send a test event from this machine now. The exit code is 1 if the target does not receive it."""
    record_test(by=command_actor())
    error = send_test()
    if as_json:
        print_json({"received": error is None, "error": error})
    else:
        echo(error or "The target has received the test event.")
    if error:
        raise SystemExit(1)


@event_stream_commands.command("push")
@json_option
def push(as_json: bool) -> None:
    """Send everything that waits now, as a worker does every two seconds."""
    push_events()
    _print(as_json=as_json)


def _print(*, as_json: bool) -> None:
    print_record(EventPushOut.of(get_push()).model_dump(mode="json"), as_json=as_json)
