"""What every worker does beside its jobs: ask for what is due, look for what was left, say that it lives."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import structlog
from flask import Flask

from webapp.db.session import db
from webapp.jobs.leases import recover_expired_leases
from webapp.jobs.schedules import enqueue_due_schedules
from webapp.jobs.services import record_heartbeat

ROUND_SECONDS = 5
SEEN_EVERY_TICKS = 3

log = structlog.get_logger("rollcall.jobs")


def start_scheduler(app: Flask, stop: threading.Event, wake: Callable[[], object]) -> threading.Thread:
    """A thread that ticks until `stop` is set, and wakes hands after each tick, should the bell be out of order.

    As many workers as like may tick: the database decides who is first.
    """
    thread = threading.Thread(target=_tick_until, args=(app, stop, wake), name="ticking", daemon=True)
    thread.start()
    return thread


def _tick_until(app: Flask, stop: threading.Event, wake: Callable[[], object]) -> None:
    ticks = 0
    while not stop.is_set():
        with app.app_context():
            tick(alive=ticks % SEEN_EVERY_TICKS == 0)
        wake()
        ticks += 1
        stop.wait(ROUND_SECONDS)


def tick(*, alive: bool = True) -> None:
    """One round. Whatever goes wrong in it, a database that is away above all, the next round comes."""
    try:
        if alive:
            record_heartbeat(f"{socket.gethostname()[:40]}:{os.getpid()}")
        enqueue_due_schedules()
        recover_expired_leases()
    except Exception as error:  # noqa: BLE001  a worker that no longer ticks would look dead
        db.session.rollback()
        log.warning("tick.failed", error=type(error).__name__)
