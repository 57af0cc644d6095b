"""Wakes a worker after a job was enqueued, from a thread of its own."""

from __future__ import annotations

import atexit
import os
import threading

import structlog

from webapp.jobs.broker import Broker

DEBOUNCE_SECONDS = 0.05

log = structlog.get_logger("rollcall.jobs")


class Notifier:
    """Publishes one message for all jobs that were enqueued within DEBOUNCE_SECONDS.

    One message is enough, because a worker that receives it runs every job that is due. `notify` does not wait for the
    broker.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._is_reachable = True
        self._has_hooks = False
        self._reset()

    def _reset(self) -> None:
        """Threads do not survive a fork, but a lock that one of them held stays locked."""
        self._lock = threading.Lock()
        self._publishing = threading.Lock()
        self._timer: threading.Timer | None = None

    def notify(self) -> None:
        """Wake a worker soon. Return at once."""
        with self._lock:
            if self._timer is None:
                self._add_hooks()
                self._timer = threading.Timer(DEBOUNCE_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Publish a pending message now. Call it before the process ends."""
        with self._publishing:
            with self._lock:
                pending, self._timer = self._timer, None
            if pending is not None:
                pending.cancel()
                self._publish()

    def _add_hooks(self) -> None:
        if not self._has_hooks:
            self._has_hooks = True
            os.register_at_fork(after_in_child=self._reset)
            atexit.register(self.flush)

    def _publish(self) -> None:
        """Log a failure once. Workers also look for due jobs without a message, every few seconds."""
        try:
            self.broker.publish()
        except Exception as error:  # noqa: BLE001  errors depend on the kind of broker
            if self._is_reachable:
                log.warning("broker.unreachable", error=f"{type(error).__name__}: {error}")
            self._is_reachable = False
        else:
            self._is_reachable = True
