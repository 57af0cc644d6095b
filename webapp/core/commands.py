"""What all commands share: who acts, how refusals end, how data is printed."""

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
    """Whoever runs the command, by the name of their system account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor(ActorKind.COMMAND, name)


def exits_on_refusal(command: Callable[P, R]) -> Callable[P, R]:
    """A refusal is one sentence a problem on standard error, and exit code 1."""

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


def print_record(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """One row: as JSON, or a line a fact that there is."""
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if value not in (None, [], {}):
            click.echo(f"{name + ':':<16}{', '.join(value) if isinstance(value, list) else value}")
