"""Registers the command that fills an empty database."""

from __future__ import annotations

from webapp.demo.commands import demo_command
from webapp.web.api import App


def register(app: App) -> None:
    app.cli.add_command(demo_command)
