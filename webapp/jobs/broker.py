"""The broker that carries wake-up messages: Celery over SQLite, Redis or RabbitMQ, chosen by its URL.

A message has no content. Lost, repeated and late messages do no harm, because workers read the jobs table
(docs/design/jobs.md).
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from webapp.core.private_files import make_sqlite_private

if TYPE_CHECKING:
    from celery import Celery

PUBLISH_SECONDS = 2
QUEUE = "rollcall"
# Old and new code run at the same time during an upgrade, so this name stays.
TASK = "rollcall.look"
SQLITE_PREFETCH = 50


class Broker:
    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqla+")

    @cached_property
    def celery(self) -> Celery:
        if self.is_sqlite:
            make_sqlite_private(Path(self.url.partition(":///")[2]))
        from celery import Celery  # noqa: PLC0415  takes 0.3 s, and most commands publish nothing

        # Another app in this process can have another broker, so this is not Celery's current app.
        app = Celery("rollcall", set_as_current=False)
        app.conf.update(
            broker_url=self.url,
            broker_transport_options=self._transport_options(),
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
            # The only worker of a SQLite broker polls it once a second, so it takes many messages at a time. Workers
            # of other brokers leave the rest of the messages to each other.
            worker_prefetch_multiplier=SQLITE_PREFETCH if self.is_sqlite else 1,
        )
        return app

    def _transport_options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {}
        if self.url.startswith("redis"):
            return {"socket_connect_timeout": PUBLISH_SECONDS, "socket_timeout": PUBLISH_SECONDS, "max_retries": 1}
        return {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}

    def publish(self) -> None:
        """Send one message to one worker. Errors depend on the kind of broker."""
        self.celery.send_task(TASK, retry=False, ignore_result=True)

    def create_queue(self) -> None:
        """Create the SQLite queue before two processes try to do so at once. Other brokers need nothing."""
        if not self.is_sqlite:
            return
        with self.celery.connection_for_write() as connection:
            channel = connection.default_channel
            self.celery.amqp.queues[QUEUE](channel).declare()
            channel.session.close()
            # Each child process opens connections of its own.
            channel.session.get_bind().dispose()

    def delete_consumed_messages(self) -> int:
        """Delete the messages that the SQLite broker keeps after they are consumed. Return their number."""
        if not self.is_sqlite:
            return 0
        with self.celery.connection_for_write() as connection:
            engine = connection.default_channel.session.get_bind()
            with engine.begin() as broker:
                return int(broker.execute(text("DELETE FROM kombu_message WHERE visible = 0")).rowcount)
