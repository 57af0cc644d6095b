"""Registers sign-in."""

from __future__ import annotations

from flask_wtf.csrf import CSRFError

from webapp.jobs.kinds import JobKinds
from webapp.signin import tasks
from webapp.signin.confirmation_pages import confirmation_pages
from webapp.signin.continuing import continue_with_new_csrf_token
from webapp.signin.identity import init_identity
from webapp.signin.pages import signin_pages
from webapp.signin.second_factor_pages import second_factor_pages
from webapp.signin.session_pages import session_pages
from webapp.web.api import App
from webapp.web.overload import refuse_when_busy


def register(app: App) -> None:
    init_identity(app, app.settings)
    app.registry.get(JobKinds).register(tasks.notice, tasks.purge, tasks.purge_events)
    app.register_error_handler(CSRFError, continue_with_new_csrf_token)
    app.register_blueprint(signin_pages)
    app.register_blueprint(second_factor_pages)
    app.register_blueprint(confirmation_pages)
    app.register_blueprint(session_pages)
    refuse_when_busy(app, "signin.sign_in")
