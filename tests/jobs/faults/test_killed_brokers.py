"""The broker is only a bell: jobs go on and begin without it, and asking never waits for it."""

from __future__ import annotations

import pytest

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.servers import Rabbitmq, Redis

# What a page may take, busy machine and all: to wait for the broker would be two seconds.
PATIENCE = 1


@pytest.fixture(params=["redis", "rabbitmq"])
def bell(request: pytest.FixtureRequest) -> Redis | Rabbitmq:
    return request.getfixturevalue(request.param)


def test_a_job_goes_on_while_the_broker_is_dead_and_those_asked_for_meanwhile_run(
    make: Make, bell: Redis | Rabbitmq
) -> None:
    place = make("postgresql", type(bell).__name__.lower())
    place.worker()
    running = place.count(pause=0.04)
    place.reaches(running, 1_000)
    with bell.away():
        assert place.job(running).state == "running"
        meanwhile = [place.ask("test.nothing") for _time in range(3)]
        assert max(asked.seconds for asked in meanwhile) < PATIENCE
        place.counted(running)
        for asked in meanwhile:
            assert place.ends(asked).state == "done"
    assert place.ends(place.ask("test.nothing"), seconds=10).state == "done"


def test_asking_does_not_wait_for_a_broker_that_does_not_answer(make: Make, bell: Redis | Rabbitmq) -> None:
    place = make("postgresql", type(bell).__name__.lower())
    place.worker()
    assert place.ends(place.ask("test.nothing")).state == "done"
    with bell.frozen():
        meanwhile = [place.ask("test.nothing") for _time in range(3)]
    assert max(asked.seconds for asked in meanwhile) < PATIENCE
    for asked in meanwhile:
        assert place.ends(asked).state == "done"


def test_a_worker_that_starts_while_the_broker_is_dead_works(make: Make, bell: Redis | Rabbitmq) -> None:
    place = make("postgresql", type(bell).__name__.lower())
    with bell.away():
        asked = place.ask("test.nothing")
        place.worker()
        assert place.ends(asked).state == "done"
    assert place.ends(place.ask("test.nothing")).state == "done"
