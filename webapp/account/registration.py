"""Registers the account page."""

from __future__ import annotations

from webapp.account.pages import account_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(account_pages)
