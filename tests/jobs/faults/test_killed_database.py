"""PostgreSQL stops in the middle of a job and recovers. Everything that was committed is there, and nothing else."""

from __future__ import annotations

import time

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.servers import Postgresql


def test_a_job_does_every_step_once_though_postgresql_stopped(deploy: Deploy, postgresql: Postgresql) -> None:
    deployment = deploy("postgresql", "redis")
    worker = deployment.worker()
    job_id = deployment.enqueue_slow_count()
    postgresql.stop_at_once()
    # For a moment the worker finds no database.
    time.sleep(1)
    postgresql.start()
    postgresql.wait_until_ready()
    assert deployment.job(job_id).done < 10_000
    deployment.speed_up()
    deployment.wait_for_count(job_id)
    assert worker.is_running
