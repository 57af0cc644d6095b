"""Registers API tokens."""

from __future__ import annotations

from webapp.api_tokens.commands import tokens_commands
from webapp.api_tokens.identity import init_api_tokens
from webapp.web.api import App


def register(app: App) -> None:
    init_api_tokens(app)
    app.cli.add_command(tokens_commands)
