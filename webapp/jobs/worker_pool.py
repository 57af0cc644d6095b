"""The threads of a worker that run due jobs."""

from __future__ import annotations

import threading

import structlog
from flask import Flask

from webapp.db.session import db
from webapp.jobs.leases import thread_holder
from webapp.jobs.services import run_due_jobs

log = structlog.get_logger("rollcall.jobs")


class WorkerPool:
    """Threads that run due jobs when they are woken, until `stopping` is set.

    There are at least two, so that a long job does not delay short ones.
    """

    def __init__(self, app: Flask, *, size: int, stopping: threading.Event) -> None:
        self._app = app
        self._stopping = stopping
        self._wake_events = [threading.Event() for _thread in range(size)]
        self._threads = [
            threading.Thread(target=self._run, args=(woken,), name=f"jobs-{number}", daemon=True)
            for number, woken in enumerate(self._wake_events)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Make every thread look for due jobs. A thread that runs a job looks when it has finished."""
        for woken in self._wake_events:
            woken.set()

    def join(self) -> None:
        """Wait until each thread has finished its current chunk. Set `stopping` first."""
        self.wake()
        for thread in self._threads:
            thread.join()

    def _run(self, woken: threading.Event) -> None:
        while woken.wait() and not self._stopping.is_set():
            woken.clear()
            with self._app.app_context():
                self._run_due_jobs()

    def _run_due_jobs(self) -> None:
        try:
            run_due_jobs(holder=thread_holder(), is_stopping=self._stopping.is_set)
        except Exception as error:  # noqa: BLE001  errors of jobs are in their rows; this thread must survive, say, a database that is down
            db.session.rollback()
            log.warning("worker_pool.failed", error=type(error).__name__)
