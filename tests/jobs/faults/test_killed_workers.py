"""kill -9 of a worker in the middle of its work: the next one ends it, with nothing lost and nothing doubled."""

from __future__ import annotations

import signal

import pytest

from tests.jobs.faults.conftest import Make

PLACES = [("sqlite", "sqlite"), ("postgresql", "redis"), ("postgresql", "rabbitmq")]


@pytest.mark.parametrize(("data", "bell"), PLACES)
def test_the_next_worker_ends_the_job_of_one_that_was_killed_with_every_step_once(
    make: Make, data: str, bell: str
) -> None:
    place = make(data, bell)
    worker = place.worker()
    asked = place.count()
    place.reaches(asked, 2_000)
    worker.signal(signal.SIGKILL)
    worker.ended(5)
    killed_at = place.job(asked)
    assert killed_at.state == "running"
    assert killed_at.done < 10_000
    place.worker()
    place.counted(asked)


def test_poison_stops_after_its_attempts_and_holds_up_nobody(make: Make) -> None:
    place = make("postgresql", "redis")
    place.worker()
    poison = place.ask("test.poison")
    for _time in range(3):
        assert place.ends(place.ask("test.nothing"), seconds=10).state == "done"
    assert place.job(poison).state == "waiting"
    ended = place.ends(poison)
    assert (ended.state, ended.attempts, ended.error) == ("failed", 3, "RuntimeError: poison")
    assert place.messages(poison) == (0, 0)
