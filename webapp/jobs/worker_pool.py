"""The hands of a worker: threads that work on due jobs, one after the other, and wait to be woken in between."""

from __future__ import annotations

import threading

import structlog
from flask import Flask

from webapp.db.session import db
from webapp.jobs.leases import holder, stopping
from webapp.jobs.services import run_due_jobs

log = structlog.get_logger("rollcall.jobs")


class WorkerPool:
    """Two or more, so that a long job does not hold up the short ones behind it."""

    def __init__(self, app: Flask, number: int) -> None:
        self._app = app
        self._woken = [threading.Event() for _hand in range(number)]
        self._threads = [
            threading.Thread(target=self._run_when_woken, args=(woken,), name=f"hand-{number}", daemon=True)
            for number, woken in enumerate(self._woken)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Has all of them look; one that is at work will look when it is done with it."""
        for woken in self._woken:
            woken.set()

    def join(self) -> None:
        """Waits until each has ended the chunk it was at. They end when `stopping` is set."""
        self.wake()
        for thread in self._threads:
            thread.join()

    def _run_when_woken(self, woken: threading.Event) -> None:
        while woken.wait() and not stopping.is_set():
            woken.clear()
            with self._app.app_context():
                _work()


def _work() -> None:
    """Whatever goes wrong, a database that is away above all, the hand is there when it is next woken."""
    try:
        run_due_jobs(holder=holder())
    except Exception as error:  # noqa: BLE001  what a job does is told by its row; this is our own trouble
        db.session.rollback()
        log.warning("hand.failed", error=type(error).__name__)
