"""Finds and runs commands of `flask` in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from webapp.web.api import App


def run(app: App, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    """Return the exit code, and what went to standard output and standard error."""
    result = app.test_cli_runner().invoke(args=list(arguments), input=stdin)
    return result.exit_code, result.stdout, result.stderr


def read(app: App, *arguments: str) -> Any:
    """Return what a command prints with `--json`. It must succeed."""
    code, out, err = run(app, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def every_command(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Return the commands of a group and of the groups inside it, with their names, such as `users list`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from every_command(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command
