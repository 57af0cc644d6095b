"""Commands that are imported when they are called: a command imports its own module, not those of all commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple, cast

import click
from flask.cli import AppGroup

from webapp.web.commands import explain, explain_all


class GroupPlace(NamedTuple):
    """Where a group is that its commands name as their parent, and where its commands are, by their names."""

    group: str
    commands: Mapping[str, str]


Table = Mapping[str, str | GroupPlace]


class Commands(AppGroup):
    """The commands of an app: those of `table`, and those that libraries register during `load`."""

    def __init__(self, table: Table, load: Callable[[], None]) -> None:
        super().__init__()
        self._table, self._load = table, load

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._table.get(cmd_name)
        if place is None:
            self._load()
            return super().get_command(ctx, cmd_name)
        return _find(place) if isinstance(place, str) else LazyGroup(cmd_name, place)

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return sorted({*self._table, *self.commands})


class LazyGroup(click.Group):
    """A group of commands. The module of the group is imported for its help."""

    def __init__(self, name: str, place: GroupPlace) -> None:
        super().__init__(name)
        self._place = place

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = self._place.commands.get(cmd_name)
        return None if place is None else _find(place)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._place.commands)

    def get_help(self, ctx: click.Context) -> str:
        self.help = self._imported().help
        return super().get_help(ctx)

    def get_short_help_str(self, limit: int = 45) -> str:
        return self._imported().get_short_help_str(limit)

    def _imported(self) -> click.Command:
        return _import(self._place.group)


def _find(place: str) -> click.Command:
    command = _import(place)
    if isinstance(command, click.Group):
        explain_all(command)
    else:
        explain(command)
    return command


def _import(place: str) -> click.Command:
    module, _colon, name = place.partition(":")
    return cast(click.Command, getattr(import_module(f"webapp.{module}"), name))
