"""Register the job that sends e-mails."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.mail.tasks import send
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(send)
