"""Registers the pages of invited people, and the job that sends another invitation."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.onboarding import tasks
from webapp.onboarding.pages import onboarding_pages
from webapp.settings import UNLIMITED
from webapp.signin.limit_keys import address_key
from webapp.web.api import App
from webapp.web.overload import refuse_when_busy
from webapp.web.rate_limits import limit_calls

# Of one network address, for all accounts: an office can share one.
REQUESTS = "60/hour"


def register(app: App) -> None:
    app.registry.get(JobKinds).register(tasks.again)
    app.register_blueprint(onboarding_pages)
    refuse_when_busy(app, "onboarding.set_password")
    if app.settings.reset_limit != UNLIMITED:
        limit_calls(app, "onboarding.ask", REQUESTS, address_key)
