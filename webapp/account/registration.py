"""Registers the account page."""

from __future__ import annotations

from webapp.account.pages import account_pages
from webapp.account.password_pages import password_pages
from webapp.signin.limit_keys import address_key
from webapp.web.api import App
from webapp.web.rate_limits import limit_calls

# More than anyone types, fewer than a guesser needs.
PASSWORD_CHECKS = "120/minute"


def register(app: App) -> None:
    app.register_blueprint(account_pages)
    app.register_blueprint(password_pages)
    limit_calls(app, "account_password.check", PASSWORD_CHECKS, address_key)
