"""Registers the import command."""

from __future__ import annotations

from webapp.imports.commands import import_command
from webapp.users.commands import users_commands
from webapp.web.api import App


def register(app: App) -> None:
    users_commands.add_command(import_command)
