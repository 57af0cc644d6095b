"""Registers sign-in."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.signin import tasks
from webapp.signin.identity import init_identity
from webapp.signin.pages import signin_pages
from webapp.web.api import App


def register(app: App) -> None:
    init_identity(app, app.settings)
    app.registry.get(JobKinds).register(tasks.purge)
    app.register_blueprint(signin_pages)
