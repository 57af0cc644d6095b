"""Whatever stands in the queue, a worker says that it refuses it, and goes on."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.workers import Rollcall

QUEUE = Queue("rollcall", Exchange("rollcall"), routing_key="rollcall")
LOOK_AT = "rollcall.look_at"


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


@pytest.mark.parametrize("bell", ["sqlite", "redis", "rabbitmq"])
def test_a_worker_refuses_rubbish_says_so_and_goes_on(make: Make, bell: str) -> None:
    place = make("postgresql", bell)
    worker = place.worker()
    assert place.ends(place.ask("test.nothing")).state == "done"
    put(place, b"\xff{not json", task=LOOK_AT, id="1")
    put(place, b"{not json", task=LOOK_AT, id="2")
    put(place, b"cos\nsystem\n(S'true'\ntR.", content_type="application/x-python-serialize", task=LOOK_AT, id="3")
    put(place, b"[]", task=LOOK_AT, id="4")
    put(place, b'{"no": "headers"}')
    put_task(place, "no.such.task")
    put_task(place, LOOK_AT)
    put_task(place, LOOK_AT, str(uuid.uuid4()))
    for nonsense in ("nonsense", None, 7, {"a": [1]}, "x" * 100_000):
        put_task(place, LOOK_AT, nonsense)
    assert place.ends(place.ask("test.nothing")).state == "done"
    assert worker.lives
    for refusal in ("Can't decode message body", "ContentDisallowed", "no.such.task", "bell.nonsense", "'nonsense'"):
        assert refusal in worker.said, worker.said
