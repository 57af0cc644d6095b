"""Register commands, labels and authentication of API tokens."""

from __future__ import annotations

from webapp.api_tokens.commands import tokens_commands
from webapp.api_tokens.identity import init_api_tokens
from webapp.api_tokens.labels import FIELD_LABELS
from webapp.audit.labels import FieldLabels
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(FieldLabels).update(FIELD_LABELS)
    init_api_tokens(app)
    app.cli.add_command(tokens_commands)
