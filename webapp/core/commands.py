"""The actor, the error handling and the output of all commands."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from webapp.core.errors import Refused
from webapp.core.permissions import Actor, ActorKind

P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def command_actor() -> Actor:
    """Return the person who runs the command, by the name of their system account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(ActorKind.COMMAND, name)


def exits_on_refusal(command: Callable[P, R]) -> Callable[P, R]:
    """Print the problems of a Refused on standard error, one on each line, and exit with code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refused as error:
            lines = [f"{problem.field}: {problem.message}" for problem in error.problems] or [str(error)]
            raise click.ClickException("\n".join(lines)) from None

    return run


def print_json(data: Mapping[str, Any] | list[Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def print_record(fields: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one row as JSON, or its fields that are not empty as lines."""
    if as_json:
        print_json(fields)
        return
    for name, value in fields.items():
        if value not in (None, [], {}):
            click.echo(f"{name + ':':<16}{', '.join(value) if isinstance(value, list) else value}")
