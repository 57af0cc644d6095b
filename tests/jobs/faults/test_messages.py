"""Messages wake a worker. It refuses malformed ones, logs that, and continues."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis as redis_client
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, text

from tests.jobs.faults.conftest import deploying
from tests.jobs.faults.deployment import Deployment
from tests.processes import wait_until

QUEUE = Queue("rollcall", Exchange("rollcall"), routing_key="rollcall")
LOOK = "rollcall.look"


def put(deployment: Deployment, body: bytes, *, content_type: str = "application/json", **headers: Any) -> None:
    with Connection(deployment.broker_url) as connection:
        connection.Producer().publish(
            body,
            exchange=QUEUE.exchange,
            routing_key=QUEUE.routing_key,
            declare=[QUEUE],
            content_type=content_type,
            content_encoding="utf-8",
            headers=headers,
        )


def put_task(deployment: Deployment, task: str, *arguments: Any) -> None:
    """A message as Celery sends them."""
    task_id = str(uuid.uuid4())
    put(deployment, json.dumps([arguments, {}, {}]).encode(), task=task, id=task_id, lang="py", root_id=task_id)


BROKERS = ["sqlite", "redis", "rabbitmq"]
# Seconds until a worker looks for jobs by itself: longer than any wait of a test.
NEVER = "3600"
# Celery expects three parts: arguments, keywords, and what to do afterwards.
SHAPES = [b"[]", b"{}", b"null", b'"text"', b"7", b"[1, 2, 3]", b'[{"a": 1}, [], null]', b"[[], {}, 7]"]
NO_MESSAGES = ["not json", "[]", "{}", '{"body": 7}', "null"]


@pytest.fixture(scope="module", params=BROKERS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment whose worker has worked, and continues from test to test. Only messages wake it."""
    with deploying(request, tmp_path_factory.mktemp("deployment")) as deploy:
        deployment = deploy("postgresql", request.param, FAULTS_TICK=NEVER)
        deployment.worker()
        # This one may be found without a message, when the worker starts.
        assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"
        yield deployment


def assert_it_continues(deployment: Deployment, *refusals: str) -> None:
    """The worker still listens and works, is the same process, and has logged the `refusals`."""
    worker, last = deployment.processes[0], f"the.last.one.{uuid.uuid4()}"
    put_task(deployment, last)
    wait_until(lambda: last in worker.output_text, what="it receives the last message")
    assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"
    assert worker.is_running, worker.output_text
    assert "Unrecoverable" not in worker.output_text
    for refusal in refusals:
        assert refusal in worker.output_text, worker.output_text


def test_a_notification_wakes_a_worker(deployment: Deployment) -> None:
    for _time in range(3):
        assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"


def test_a_worker_refuses_what_it_cannot_read_and_continues(deployment: Deployment) -> None:
    put(deployment, b"\xff{not json", task=LOOK, id="1")
    put(deployment, b"{not json", task=LOOK, id="2")
    put(deployment, b"cos\nsystem\n(S'true'\ntR.", content_type="application/x-python-serialize", task=LOOK, id="3")
    put(deployment, b'{"no": "headers"}')
    put_task(deployment, "no.such.task")
    assert_it_continues(deployment, "Can't decode message body", "ContentDisallowed", "no.such.task")


def test_a_worker_ignores_the_arguments_of_a_notification(deployment: Deployment) -> None:
    put_task(deployment, LOOK)
    put_task(deployment, LOOK, str(uuid.uuid4()))
    for nonsense in ("nonsense", None, 7, {"a": [1]}, "x" * 100_000):
        put_task(deployment, LOOK, nonsense)
    assert_it_continues(deployment)


def test_a_worker_refuses_messages_of_another_shape_and_continues(deployment: Deployment) -> None:
    for number, body in enumerate(SHAPES):
        put(deployment, body, task=LOOK, id=str(number))
    put(deployment, b"[[], {}, {}]", task=LOOK)
    put(deployment, b"[[], {}, {}]", task=["no", "name"], id=7, eta="never", expires="never", retries="many")
    assert_it_continues(deployment)


@pytest.mark.parametrize("deployment", ["redis"], indirect=True)
def test_a_worker_survives_entries_in_redis_that_are_no_messages(deployment: Deployment) -> None:
    with redis_client.Redis.from_url(deployment.broker_url) as client:
        client.lpush(QUEUE.name, *NO_MESSAGES)
    assert_it_continues(deployment)


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_worker_survives_rows_in_the_sqlite_broker_that_are_no_messages(deployment: Deployment) -> None:
    insert = text(
        "INSERT INTO kombu_message (visible, timestamp, payload, version, queue_id)"
        " SELECT 1, '2020-01-01 00:00:00.000000', :payload, 1, id FROM kombu_queue WHERE name = 'rollcall'"
    )
    engine = create_engine(deployment.broker_url.removeprefix("sqla+"))
    with engine.begin() as connection:
        connection.execute(insert, [{"payload": payload} for payload in NO_MESSAGES])
    engine.dispose()
    assert_it_continues(deployment)
