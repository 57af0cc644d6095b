"""python -m webapp.worker: runs jobs and schedules."""

from __future__ import annotations

import os
import threading

from celery.signals import celeryd_after_setup, worker_shutting_down

from webapp import create_app
from webapp.jobs.background_loops import LoopThreads
from webapp.jobs.consumer import consume
from webapp.jobs.notifier import Notifier
from webapp.jobs.scheduler import Scheduler
from webapp.jobs.worker_pool import WorkerPool
from webapp.web.api import App
from webapp.webhooks.sender import Sender

THREADS = 2
# Web processes have priority if processors are busy.
NICE = 10


def run_worker(app: App) -> None:
    """Run jobs until SIGTERM or SIGINT, then finish the chunks that are running."""
    os.nice(NICE)
    stopping = threading.Event()
    pool, sender = WorkerPool(app, size=THREADS, stopping=stopping), Sender(app, stopping=stopping)
    loops, scheduler = LoopThreads(app, stopping=stopping), Scheduler(app, wake_pool=pool.wake, stopping=stopping)

    def start(**_signal: object) -> None:
        """Celery sends this signal before it connects, so jobs run while the broker is down."""
        for part in (pool, sender, scheduler, loops):
            part.start()

    def wake() -> None:
        pool.wake()
        sender.wake()

    def stop(**_signal: object) -> None:
        stopping.set()

    celeryd_after_setup.connect(start, weak=False)
    worker_shutting_down.connect(stop, weak=False)
    try:
        consume(app.registry.get(Notifier).broker, wake)
    finally:
        stop()
        for part in (sender, pool, loops):
            part.join()


if __name__ == "__main__":
    run_worker(create_app())
