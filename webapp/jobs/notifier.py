"""The bell that wakes workers: Celery over SQLite, Redis or RabbitMQ, by its address alone.

A message says only that there is something to look for. Lost, doubled or late ones do no harm: the jobs' rows decide.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import Celery

from webapp.jobs import services
from webapp.settings import Settings

PUBLISH_SECONDS = 2
PAUSE_SECONDS = 0.05
QUEUE = "rollcall"
SQLITE_PREFETCH = 50

log = structlog.get_logger("rollcall.jobs")
celery = Celery("rollcall")


def init_notifier(settings: Settings) -> None:
    """Sets the bell up, and lets it ring for jobs that are asked for."""
    url = settings.celery_broker_url
    celery.conf.update(
        broker_url=url,
        broker_transport_options=_transport_options(url),
        broker_connection_timeout=PUBLISH_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        # The SQLite broker is looked at once a second, by the one worker of its machine: many bells at a time. From
        # the others each worker takes one a thread, and leaves the rest to the next.
        worker_prefetch_multiplier=SQLITE_PREFETCH if url.startswith("sqla+") else 1,
    )
    services.notify = notify


def _transport_options(url: str) -> dict[str, Any]:
    if url.startswith("sqla+"):
        return {}
    if url.startswith("redis"):
        return {"socket_connect_timeout": PUBLISH_SECONDS, "socket_timeout": PUBLISH_SECONDS, "max_retries": 1}
    return {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}


def make_queue() -> None:
    """Makes the SQLite broker's queue, before two processes do so at once. The other brokers see to it themselves."""
    if not str(celery.conf.broker_url).startswith("sqla+"):
        return
    with celery.connection_for_write() as connection:
        channel = connection.default_channel
        celery.amqp.queues[QUEUE](channel).declare()
        channel.session.close()
        # Each child opens connections of its own.
        channel.session.get_bind().dispose()


class Notifier:
    """Rings from a thread of its own, so that nobody waits for a broker.

    All that is asked for within a moment is told by one message: whoever hears it looks for everything that is due.
    """

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._one = threading.Lock()
        self._starting = threading.Lock()
        self._silent = False
        self._thread: threading.Thread | None = None

    def notify(self) -> None:
        """Has a worker told in a moment."""
        self._wanted.set()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._publish_until_exit, name="bell", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Tells what is not told yet."""
        with self._one:
            if self._wanted.is_set():
                self._wanted.clear()
                self._publish()

    def _publish_until_exit(self) -> None:
        while self._wanted.wait():
            self.flush()
            time.sleep(PAUSE_SECONDS)

    def _publish(self) -> None:
        """A broker that is away is no reason to fail: workers look by themselves every few seconds."""
        try:
            look.apply_async(retry=False)
        except Exception as error:  # noqa: BLE001  each broker has errors of its own
            if not self._silent:
                log.warning("bell.silent", error=f"{type(error).__name__}: {error}")
            self._silent = True
        else:
            self._silent = False


notifier = Notifier()


def notify() -> None:
    """Has a worker told in a moment; never waits."""
    notifier.notify()


def flush() -> None:
    """Tells what is not told yet, before a process ends."""
    notifier.flush()


def _in_child() -> None:
    """Threads do not follow into a fork."""
    global notifier  # noqa: PLW0603
    notifier = Notifier()


atexit.register(flush)
os.register_at_fork(after_in_child=_in_child)

# What a worker does when it hears the bell: set by webapp.worker.
on_notification: Callable[[], object] = lambda: None  # noqa: E731


@celery.task(name="rollcall.look")
def look(*_more: object, **_still_more: object) -> None:
    """Wakes the hands of the worker that heard the bell, whatever else the message says."""
    on_notification()
