"""Registers sign-in."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.settings import UNLIMITED
from webapp.signin import tasks
from webapp.signin.identity import init_identity
from webapp.signin.pages import account_key, address_key, pending_key, signin_pages, user_key
from webapp.signin.session_pages import session_pages
from webapp.web.api import App
from webapp.web.overload import refuse_when_busy
from webapp.web.rate_limits import limit_failures

# Tries of a second factor that a person may have. A code has six digits.
SECOND_FACTOR_LIMIT = "5/5minutes"


def register(app: App) -> None:
    init_identity(app, app.settings)
    app.registry.get(JobKinds).register(tasks.purge)
    app.register_blueprint(signin_pages)
    app.register_blueprint(session_pages)
    refuse_when_busy(app, "signin.sign_in")
    # A username and an e-mail address are two keys of one account. That doubles the limit of an account at most.
    limit_failures(app, "signin.sign_in", app.settings.login_limit, account_key, address_key)
    if app.settings.login_limit != UNLIMITED:
        limit_failures(app, "signin.enter_second_factor", SECOND_FACTOR_LIMIT, pending_key)
    limit_failures(app, "signin.confirmed", app.settings.login_limit, user_key)
