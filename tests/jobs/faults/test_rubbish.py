"""Whatever stands in the queue, a worker says that it refuses it, and goes on."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import redis as redis_client
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, text

from tests.jobs.faults.conftest import Make, making
from tests.jobs.faults.workers import Rollcall
from tests.running import until

QUEUE = Queue("rollcall", Exchange("rollcall"), routing_key="rollcall")
LOOK = "rollcall.look"


def put(place: Rollcall, body: bytes, *, content_type: str = "application/json", **headers: Any) -> None:
    with Connection(place.broker_url) as connection:
        connection.Producer().publish(
            body,
            exchange=QUEUE.exchange,
            routing_key=QUEUE.routing_key,
            declare=[QUEUE],
            content_type=content_type,
            content_encoding="utf-8",
            headers=headers,
        )


def put_task(place: Rollcall, task: str, *arguments: Any) -> None:
    """A message as Celery sends them."""
    task_id = str(uuid.uuid4())
    put(place, json.dumps([arguments, {}, {}]).encode(), task=task, id=task_id, lang="py", root_id=task_id)


BELLS = ["sqlite", "redis", "rabbitmq"]
# What Celery expects is three: arguments, keywords, and what to do afterwards.
SHAPES = [b"[]", b"{}", b"null", b'"text"', b"7", b"[1, 2, 3]", b'[{"a": 1}, [], null]', b"[[], {}, 7]"]
NO_MESSAGES = ["not json", "[]", "{}", '{"body": 7}', "null"]


@pytest.fixture(scope="module", params=BELLS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rollcall]:
    """With a worker that has worked, and goes on from test to test."""
    with making(request, tmp_path_factory.mktemp("place")) as make:
        place = make("postgresql", request.param)
        place.worker()
        assert place.ends(place.ask("test.nothing")).state == "done"
        yield place


def goes_on(place: Rollcall, *refusals: str) -> None:
    """The worker still listens and works, is the same one, and has told what it refused."""
    worker, last = place.processes[0], f"the.last.one.{uuid.uuid4()}"
    put_task(place, last)
    until(lambda: last in worker.said, seconds=10, what="it hears what came last")
    assert place.ends(place.ask("test.nothing"), seconds=10).state == "done"
    assert worker.lives, worker.said
    assert "Unrecoverable" not in worker.said
    for refusal in refusals:
        assert refusal in worker.said, worker.said


def test_a_worker_refuses_what_it_cannot_read_and_goes_on(place: Rollcall) -> None:
    put(place, b"\xff{not json", task=LOOK, id="1")
    put(place, b"{not json", task=LOOK, id="2")
    put(place, b"cos\nsystem\n(S'true'\ntR.", content_type="application/x-python-serialize", task=LOOK, id="3")
    put(place, b'{"no": "headers"}')
    put_task(place, "no.such.task")
    goes_on(place, "Can't decode message body", "ContentDisallowed", "no.such.task")


def test_a_worker_cares_for_no_more_than_that_the_bell_rang(place: Rollcall) -> None:
    put_task(place, LOOK)
    put_task(place, LOOK, str(uuid.uuid4()))
    for nonsense in ("nonsense", None, 7, {"a": [1]}, "x" * 100_000):
        put_task(place, LOOK, nonsense)
    goes_on(place)


def test_a_worker_refuses_messages_of_another_shape_and_goes_on(place: Rollcall) -> None:
    for number, body in enumerate(SHAPES):
        put(place, body, task=LOOK, id=str(number))
    put(place, b"[[], {}, {}]", task=LOOK)
    put(place, b"[[], {}, {}]", task=["no", "name"], id=7, eta="never", expires="never", retries="many")
    goes_on(place)


def test_a_worker_survives_rubbish_that_is_no_message_in_redis(make: Make) -> None:
    place = make("postgresql", "redis")
    place.worker()
    assert place.ends(place.ask("test.nothing")).state == "done"
    with redis_client.Redis.from_url(place.broker_url) as client:
        client.lpush(QUEUE.name, *NO_MESSAGES)
    goes_on(place)


def test_a_worker_survives_rubbish_that_is_no_message_in_the_sqlite_broker(make: Make) -> None:
    place = make("sqlite", "sqlite")
    place.worker()
    assert place.ends(place.ask("test.nothing")).state == "done"
    insert = text(
        "INSERT INTO kombu_message (visible, timestamp, payload, version, queue_id)"
        " SELECT 1, '2020-01-01 00:00:00.000000', :payload, 1, id FROM kombu_queue WHERE name = 'rollcall'"
    )
    engine = create_engine(place.broker_url.removeprefix("sqla+"))
    with engine.begin() as connection:
        connection.execute(insert, [{"payload": rubbish} for rubbish in NO_MESSAGES])
    engine.dispose()
    goes_on(place)
