"""Registers the pages of the audit trail."""

from __future__ import annotations

from webapp.history.pages import can_undo, history_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(history_pages)
    app.jinja_env.globals["can_undo"] = can_undo
