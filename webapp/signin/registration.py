"""Registers sign-in."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.signin import tasks
from webapp.signin.identity import init_identity
from webapp.signin.pages import account_key, address_key, signin_pages, user_key
from webapp.signin.session_pages import session_pages
from webapp.web.api import App
from webapp.web.overload import refuse_when_busy
from webapp.web.rate_limits import limit_failures


def register(app: App) -> None:
    init_identity(app, app.settings)
    app.registry.get(JobKinds).register(tasks.purge)
    app.register_blueprint(signin_pages)
    app.register_blueprint(session_pages)
    refuse_when_busy(app, "signin.sign_in")
    # A username and an e-mail address are two keys of one account. That doubles the limit of an account at most.
    limit_failures(app, "signin.sign_in", app.settings.login_limit, account_key, address_key)
    limit_failures(app, "signin.confirmed", app.settings.login_limit, user_key)
