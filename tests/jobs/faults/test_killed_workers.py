"""SIGKILL for a worker in the middle of a job: the next worker completes it, and loses or repeats nothing."""

from __future__ import annotations

import signal

import pytest

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.deployment import STEPS

SERVERS = [("sqlite", "sqlite"), ("postgresql", "rabbitmq")]


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
