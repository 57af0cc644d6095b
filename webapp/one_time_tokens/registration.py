"""Registers the job that removes old one-time tokens."""

from __future__ import annotations

from webapp.jobs.kinds import JobKinds
from webapp.one_time_tokens.tasks import purge
from webapp.web.api import App


def register(app: App) -> None:
    app.registry.get(JobKinds).register(purge)
