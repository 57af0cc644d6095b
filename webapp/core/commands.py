"""The actor, the output and the interruption of commands. `web/commands.py` explains their errors."""

from __future__ import annotations

import getpass
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import click

from webapp.core.permissions import Actor, ActorKind

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def command_actor() -> Actor:
    """Return the person who runs the command, by the name of their system account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(ActorKind.COMMAND, name)


class OutputFailed(Exception):
    """Standard output cannot be written, for example because the disk is full."""


class Unfinished(Exception):
    """A command stopped in the middle, for the reason in `__cause__`. `done` says what it did, in `text` for people."""

    def __init__(self, text: str, done: Mapping[str, int]) -> None:
        super().__init__(text)
        self.done = done


@contextmanager
def delayed_interrupt() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if Ctrl-C was pressed in the block.

    At any other moment, Ctrl-C could come between a commit and the line that counts it.
    """
    pressed: list[int] = []

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, lambda number, _frame: pressed.append(number))
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def echo(text: str) -> None:
    """Print a line on standard output. Raise OutputFailed if it cannot be written."""
    try:
        click.echo(text)
    except BrokenPipeError:
        # The reader has enough, as in `users list | head`. Click ends the command.
        raise
    except OSError as error:
        # Otherwise Python tries to write the rest of the buffer when it exits, and fails again.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputFailed(error.strerror) from None


def print_json(data: Mapping[str, Any] | list[Any]) -> None:
    echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def print_record(fields: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one row as JSON, or its fields that are not empty as lines."""
    if as_json:
        print_json(fields)
        return
    for name, value in fields.items():
        if value not in (None, [], {}):
            echo(f"{name + ':':<16}{', '.join(value) if isinstance(value, list) else value}")
