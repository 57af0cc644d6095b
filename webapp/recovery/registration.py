"""Registers recovery."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.recovery import tasks
from webapp.recovery.pages import recovery_pages
from webapp.settings import UNLIMITED
from webapp.signin.limit_keys import address_key
from webapp.web.api import App
from webapp.web.overload import refuse_when_busy
from webapp.web.rate_limits import limit_calls

# Of one network address, for all accounts: an office can share one.
RESET_REQUESTS = "60/hour"


def register(app: App) -> None:
    app.registry.get(JobKinds).register(tasks.reset)
    app.register_blueprint(recovery_pages)
    refuse_when_busy(app, "recovery.reset")
    if app.settings.reset_limit != UNLIMITED:
        limit_calls(app, "recovery.send", RESET_REQUESTS, address_key)
