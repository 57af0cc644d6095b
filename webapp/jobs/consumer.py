"""Receives wake-up messages in a worker process."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import structlog
from celery.platforms import SecurityWarning
from celery.worker.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs.broker import QUEUE, TASK, Broker

log = structlog.get_logger("rollcall.jobs")

# Celery and kombu raise these for malformed messages.
MALFORMED = (ValueError, TypeError, LookupError, AttributeError)


def consume(broker: Broker, on_message: Callable[[], object]) -> None:
    """Call `on_message` for each message. Return after SIGTERM or SIGINT."""
    # Celery warns that it runs as root, which is usual in a container. It reads JSON only, never pickle.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    celery = broker.celery

    @celery.task(name=TASK, shared=False)
    def receive(*_arguments: object, **_more: object) -> None:
        on_message()

    celery.conf.worker_consumer = f"{__name__}:{TolerantConsumer.__name__}"
    celery.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            "--concurrency=1",
            f"--queues={QUEUE}",
            f"--hostname=rollcall-{os.getpid()}@%h",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


class TolerantConsumer(Consumer):
    """Rejects malformed messages. Celery's consumer ends the worker, and RabbitMQ then redelivers to the next one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Celery reconnects after errors of these classes. MALFORMED: the transport has removed an entry from the queue
        # and cannot parse it. SQLAlchemyError: two processes create the SQLite queue at the same time.
        known: tuple[type[BaseException], ...] = self.connection_errors  # type: ignore[has-type]  # from an untyped base
        self.connection_errors = (*known, *MALFORMED, SQLAlchemyError)

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], None]:
        handle = super().create_task_handler(*args, **options)

        def handle_or_reject(message: Any) -> None:
            try:
                handle(message)
            except MALFORMED as error:
                log.warning("message.rejected", error=f"{type(error).__name__}: {error}"[:200])
                message.reject_log_error(log, self.connection_errors)

        return handle_or_reject
