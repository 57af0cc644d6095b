"""python -m tests.jobs.faults.worker: a real worker that knows the kinds of tests, with all waiting cut short."""

from __future__ import annotations

import os
from datetime import timedelta

from tests.jobs import kinds  # noqa: F401  makes them known
from webapp import create_app
from webapp.jobs import leases, ticking
from webapp.jobs.schedules import repeat
from webapp.worker import work

LEASE = timedelta(seconds=2)
EVERY = timedelta(seconds=1)


def hurry() -> None:
    """Leases and ticks in seconds that would be minutes."""
    leases.LEASE = LEASE
    ticking.TICK_SECONDS = float(os.environ.get("FAULTS_TICK", "0.2"))
    if os.environ.get("FAULTS_REPEAT"):
        repeat(os.environ["FAULTS_REPEAT"], label="Often", interval=EVERY, every="Every second")


if __name__ == "__main__":
    hurry()
    work(create_app())
