"""The notifier publishes one message for jobs that are enqueued shortly after each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from tests.processes import wait_until
from webapp.jobs.broker import Broker
from webapp.jobs.notifier import Notifier


def broker_in(folder: Path) -> Broker:
    return Broker(f"sqla+sqlite:///{folder}/broker.db")


def published(broker: Broker) -> int:
    """Return the number of messages in a SQLite broker."""
    broker.create_queue()
    engine = create_engine(broker.url.removeprefix("sqla+"))
    with engine.connect() as connection:
        number = connection.execute(text("SELECT count(*) FROM kombu_message")).scalar_one()
    engine.dispose()
    return int(number)


def test_notifications_shortly_after_each_other_are_one_message(tmp_path: Path) -> None:
    broker = broker_in(tmp_path)
    notifier = Notifier(broker)
    for _time in range(3):
        notifier.notify()
    notifier.flush()
    assert published(broker) == 1
    notifier.flush()
    assert published(broker) == 1


def test_a_notification_is_published_without_a_flush(tmp_path: Path) -> None:
    broker = broker_in(tmp_path)
    broker.create_queue()
    Notifier(broker).notify()
    wait_until(lambda: published(broker) == 1, what="the message is published")


def test_a_broker_that_is_down_is_no_error_and_is_logged_once(tmp_path: Path) -> None:
    notifier = Notifier(broker_in(tmp_path / "missing"))
    with capture_logs() as lines:
        for _time in range(2):
            notifier.notify()
            notifier.flush()
    assert [line["event"] for line in lines] == ["broker.unreachable"]


# Python 3.12 warns of every fork beside threads.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_publishes_its_own_notifications(tmp_path: Path) -> None:
    broker = broker_in(tmp_path)
    broker.create_queue()
    notifier = Notifier(broker)
    notifier.notify()
    notifier._publishing.acquire()  # as a thread that publishes while the process forks
    child = os.fork()
    if not child:
        try:
            notifier.notify()
            notifier.flush()
        finally:
            # An error must not go on with the tests in this process.
            os._exit(0)
    os.waitpid(child, 0)
    assert published(broker) == 1
    notifier._publishing.release()
    notifier.flush()
    assert published(broker) == 2
