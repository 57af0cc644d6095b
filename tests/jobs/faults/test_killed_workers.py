"""SIGKILL for a worker in the middle of a job: the next worker completes it, and loses or repeats nothing."""

from __future__ import annotations

import signal

import pytest

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.deployment import STEPS

SERVERS = [("sqlite", "sqlite"), ("postgresql", "redis"), ("postgresql", "rabbitmq")]


@pytest.mark.parametrize(("database", "broker"), SERVERS)
def test_the_next_worker_completes_the_job_of_a_killed_one(deploy: Deploy, database: str, broker: str) -> None:
    deployment = deploy(database, broker)
    worker = deployment.worker()
    job_id = deployment.enqueue_slow_count()
    worker.signal(signal.SIGKILL)
    worker.wait()
    killed_at = deployment.job(job_id)
    assert killed_at.state == "running"
    assert killed_at.done < STEPS
    deployment.speed_up()
    deployment.worker()
    deployment.wait_for_count(job_id)


def test_a_job_that_always_fails_stops_after_its_attempts_and_delays_no_other(deploy: Deploy) -> None:
    deployment = deploy("postgresql", "redis")
    deployment.worker()
    poison = deployment.enqueue("test.poison")
    others = [deployment.enqueue("test.nothing") for _time in range(3)]
    done = [deployment.wait_for_end(job_id) for job_id in others]
    ended = deployment.wait_for_end(poison)
    assert (ended.state, ended.attempts, ended.error) == ("failed", 3, "RuntimeError: poison")
    assert all(other.state == "done" and other.finished_at < ended.finished_at for other in done)
    assert deployment.messages(poison) == (0, 0)
