"""python -m webapp.worker: works on jobs and ticks for schedules, in one process."""

from __future__ import annotations

import os
import threading
import warnings

from celery.platforms import SecurityWarning
from celery.signals import celeryd_after_setup, worker_shutting_down

from webapp import create_app
from webapp.jobs import notifier
from webapp.jobs.leases import stopping
from webapp.jobs.scheduler import start_scheduler
from webapp.jobs.worker_pool import WorkerPool
from webapp.web.api import App

THREADS = 2
# Where processors are short, pages come first.
NICE = 10


def work(app: App) -> None:
    """Runs until it is told to stop; a chunk that is being worked on is finished first."""
    # Celery warns of pickled messages from strangers; ours are JSON, and containers run as root within.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    os.nice(NICE)
    pool, stop = WorkerPool(app, THREADS), threading.Event()
    notifier.on_notification = pool.wake

    def begin(**_signal: object) -> None:
        """Whether the broker is there or not."""
        pool.start()
        start_scheduler(app, stop, pool.wake)

    def end(**_signal: object) -> None:
        stop.set()
        stopping.set()

    celeryd_after_setup.connect(begin, weak=False)
    worker_shutting_down.connect(end, weak=False)
    notifier.celery.conf.worker_consumer = "webapp.jobs.tolerant_consumer:TolerantConsumer"
    try:
        _listen()
    finally:
        end()
        pool.join()


def _listen() -> None:
    """Celery hears the bell, and no more, in a thread beside its own, where a message it stumbles over does no harm."""
    notifier.celery.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            "--concurrency=1",
            f"--queues={notifier.QUEUE}",
            f"--hostname=rollcall-{os.getpid()}@%h",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    work(create_app())
