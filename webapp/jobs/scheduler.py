"""The thread of a worker that starts what is due, recovers expired leases and records the worker's heartbeat.

Every worker runs one. Row locks decide which of them enqueues a job.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import structlog
from flask import Flask

from webapp.db.session import db
from webapp.jobs.leases import recover_expired_leases, retry_unknown_kinds
from webapp.jobs.schedules import enqueue_due_schedules
from webapp.jobs.services import record_heartbeat
from webapp.jobs.timetables import start_due_work

ROUND_SECONDS = 5
ROUNDS_PER_HEARTBEAT = 3

log = structlog.get_logger("rollcall.jobs")


class Scheduler:
    """Runs a round every ROUND_SECONDS until `stopping` is set.

    After each round it wakes the worker pool, in case a message was lost.
    """

    def __init__(self, app: Flask, *, wake_pool: Callable[[], object], stopping: threading.Event) -> None:
        self._app = app
        self._wake_pool = wake_pool
        self._stopping = stopping

    def start(self) -> None:
        threading.Thread(target=self._run, name="scheduler", daemon=True).start()

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.is_set():
            with self._app.app_context():
                run_round(heartbeat=rounds % ROUNDS_PER_HEARTBEAT == 0)
            self._wake_pool()
            rounds += 1
            self._stopping.wait(ROUND_SECONDS)


def run_round(*, heartbeat: bool) -> None:
    try:
        if heartbeat:
            record_heartbeat(f"{socket.gethostname()[:40]}:{os.getpid()}")
            retry_unknown_kinds()
        enqueue_due_schedules()
        start_due_work()
        recover_expired_leases()
    except Exception as error:  # noqa: BLE001  the thread must survive, say, a database that is down
        db.session.rollback()
        log.warning("scheduler.round_failed", error=type(error).__name__)
