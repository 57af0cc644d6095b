"""python -m webapp.worker: works on jobs and ticks for schedules, in one process."""

from __future__ import annotations

import os
import threading
import warnings

from celery.platforms import SecurityWarning
from celery.signals import worker_ready, worker_shutting_down

from webapp import create_app
from webapp.core.api import App
from webapp.jobs.bell import QUEUE, celery
from webapp.jobs.services import stopping
from webapp.jobs.ticking import start_ticking

CONCURRENCY = 2


def work(app: App) -> None:
    """Runs until it is told to stop; a chunk that is being worked on is finished first."""
    # Celery warns of pickled messages from strangers; ours are JSON, and containers run as root within.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    stop = threading.Event()
    worker_ready.connect(lambda **_signal: start_ticking(app, stop), weak=False)
    worker_shutting_down.connect(lambda **_signal: _end(stop), weak=False)
    celery.conf.worker_consumer = "webapp.jobs.careful:CarefulConsumer"
    celery.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            f"--concurrency={CONCURRENCY}",
            f"--queues={QUEUE}",
            f"--hostname=rollcall-{os.getpid()}@%h",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def _end(stop: threading.Event) -> None:
    stop.set()
    stopping.set()


if __name__ == "__main__":
    work(create_app())
