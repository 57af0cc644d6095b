"""How a worker takes messages: one that Celery stumbles over is refused, and does not end the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery.worker.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger("rollcall.jobs")

# What Celery and kombu raise over a message that is none. It would end the worker; RabbitMQ, which then gives the
# message to the next one, would end them all, again and again.
STUMBLES = (ValueError, TypeError, LookupError, AttributeError)


class TolerantConsumer(Consumer):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What is no message at all fails in the transport, which has taken it off the queue; and two processes that
        # first make the SQLite broker's queue are in each other's way. Connect again, go on.
        known: tuple[type[BaseException], ...] = self.connection_errors  # type: ignore[has-type]  # from an untyped base
        self.connection_errors = (*known, *STUMBLES, SQLAlchemyError)

    def create_task_handler(self, *args: Any, **options: Any) -> Callable[[Any], None]:
        handle = super().create_task_handler(*args, **options)

        def take(message: Any) -> None:
            try:
                handle(message)
            except STUMBLES as error:
                log.warning("bell.refused", error=f"{type(error).__name__}: {error}"[:200])
                message.reject_log_error(log, self.connection_errors)

        return take
