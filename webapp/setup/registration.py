"""Registers the set-up page and command."""

from __future__ import annotations

from webapp.setup.pages import setup_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(setup_pages)
