"""Registers the change of one's own e-mail address."""

from __future__ import annotations

from webapp.core.erasure import ErasureHooks
from webapp.email_changes.api import email_changes_api
from webapp.email_changes.pages import email_change_pages
from webapp.email_changes.services import delete_mails_to_recorded_addresses
from webapp.settings import UNLIMITED
from webapp.signin.limit_keys import user_key
from webapp.web.api import App
from webapp.web.rate_limits import limit_calls

# Each sends an e-mail to an address that may belong to someone else.
REQUESTS = "10/hour"


def register(app: App) -> None:
    app.registry.get(ErasureHooks).append(delete_mails_to_recorded_addresses)
    app.register_blueprint(email_change_pages)
    app.register_api(email_changes_api)
    if app.settings.reset_limit != UNLIMITED:
        limit_calls(app, "email_changes.ask", REQUESTS, user_key)
