"""Registers the pages of settings."""

from __future__ import annotations

from webapp.settings_pages.pages import settings_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(settings_pages)
