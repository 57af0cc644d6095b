"""Registers the Security tab of a person, its API and its commands."""

from __future__ import annotations

from webapp.signin.labels import EVENT_LABELS
from webapp.signin.queries import latest_sign_in
from webapp.user_security.api import user_security_api
from webapp.user_security.pages import user_security_pages
from webapp.web.api import App


def register(app: App) -> None:
    app.register_blueprint(user_security_pages)
    app.register_api(user_security_api)
    app.jinja_env.globals |= {"event_labels": EVENT_LABELS, "latest_sign_in": latest_sign_in}
