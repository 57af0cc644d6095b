"""python -m tests.jobs.faults.worker: a real worker with the kinds of tests and with short waits."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

from tests.jobs.kinds import create_app_with_kinds
from webapp.jobs import leases, ticking
from webapp.jobs.kinds import JobKinds
from webapp.settings import Settings
from webapp.web.api import App
from webapp.worker import work

LEASE = timedelta(seconds=2)
EVERY = timedelta(seconds=1)


def create_hurried_app(settings: Settings | None = None) -> App:
    """Leases and ticks take seconds instead of minutes; the kind FAULTS_REPEAT is also a schedule."""
    leases.LEASE = LEASE
    ticking.TICK_SECONDS = float(os.environ.get("FAULTS_TICK", "0.2"))
    app = create_app_with_kinds(settings)
    if name := os.environ.get("FAULTS_REPEAT"):
        kinds = app.registry.get(JobKinds)
        kinds.register(replace(kinds[name], interval=EVERY, every="Every second"))
    return app


if __name__ == "__main__":
    work(create_hurried_app())
