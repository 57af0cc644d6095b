"""Registers the package."""

from __future__ import annotations

from webapp.web.api import App


def register(app: App) -> None:
    pass
