"""A worker under load leaves room for everybody else."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, insert, select

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.servers import Redis
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.jobs.models import Job, Worker


def test_pages_can_write_to_sqlite_while_a_job_does(make: Make) -> None:
    place = make("sqlite", "sqlite")
    place.worker()
    running = place.ask("test.count", steps=100_000, chunk=100, pause=0.05)
    place.reaches(running, 200)
    waits = [place.ask("test.nothing").seconds for _time in range(10)]
    assert place.job(running).state == "running"
    assert max(waits) < 3, waits


@pytest.mark.parametrize("bell", ["sqlite", "redis", "rabbitmq"])
def test_the_bell_wakes_a_worker_that_would_not_look_by_itself(make: Make, bell: str) -> None:
    place = make("postgresql", bell, FAULTS_TICK="300")
    place.worker()
    # What it finds when it starts tells nothing.
    assert place.ends(place.ask("test.nothing")).state == "done"
    for _time in range(3):
        assert place.ends(place.ask("test.nothing"), seconds=5).state == "done"


def test_a_long_job_holds_up_no_short_one(make: Make) -> None:
    place = make("postgresql", "redis")
    place.worker()
    running = place.ask("test.count", steps=100, pause=0.2)
    place.reaches(running, 1)
    for _time in range(20):
        assert place.ends(place.ask("test.nothing"), seconds=2).state == "done"
    assert place.job(running).state == "running"


def test_a_worker_is_seen_though_many_jobs_wait_for_a_broker_that_does_not_answer(make: Make, redis: Redis) -> None:
    place = make("postgresql", "redis")
    place.worker()
    assert place.ends(place.ask("test.nothing")).state == "done"
    engine = create_engine(place.database_url)
    with redis.frozen():
        with engine.begin() as connection:
            job = {"kind": "test.nothing", "arguments": {}, "asked_by_label": "Test", "run_after": now(), "result": {}}
            connection.execute(insert(Job), [job | {"id": new_id()} for _time in range(100)])
        time.sleep(14)
        [seen] = place.rows(select(Worker.seen_at))
        assert (datetime.now(UTC) - seen.seen_at).total_seconds() < 10
    engine.dispose()
