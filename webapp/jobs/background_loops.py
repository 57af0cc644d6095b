"""Threads of a worker process that repeat short work, beside its jobs. Packages register theirs in `BackgroundLoops`.

For work that waits for a network: a chunk of a job has an open transaction, a loop has none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from webapp.db.session import db
from webapp.web.api import App

JOIN_SECONDS = 10

log = structlog.get_logger("rollcall.jobs")


@dataclass(frozen=True)
class BackgroundLoop:
    """`run` is called every `seconds` in an app context, in each worker process."""

    name: str
    seconds: float
    run: Callable[[], object]


class BackgroundLoops(list[BackgroundLoop]):
    """The loops of one app."""


class LoopThreads:
    """Runs the registered loops until `stopping` is set."""

    def __init__(self, app: App, *, stopping: threading.Event) -> None:
        self._app, self._stopping = app, stopping
        loops = app.registry.get(BackgroundLoops)
        self._threads = [threading.Thread(target=self._run, args=[loop], name=loop.name, daemon=True) for loop in loops]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until each loop has finished its round, but not for longer than JOIN_SECONDS."""
        for thread in self._threads:
            thread.join(JOIN_SECONDS)

    def _run(self, loop: BackgroundLoop) -> None:
        while not self._stopping.wait(loop.seconds):
            with self._app.app_context():
                run_loop(loop)


def run_loop(loop: BackgroundLoop) -> None:
    try:
        loop.run()
    except Exception as error:  # noqa: BLE001  the thread must survive, say, a database that is down
        db.session.rollback()
        log.warning("loop.failed", loop=loop.name, error=type(error).__name__)
