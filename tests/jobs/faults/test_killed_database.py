"""PostgreSQL stops in the middle of a job and recovers. Everything that was committed is there, and nothing else."""

from __future__ import annotations

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.deployment import STEPS
from tests.jobs.faults.servers import Postgresql
from tests.processes import wait_until


def test_a_job_does_every_step_once_though_postgresql_stopped(deploy: Deploy, postgresql: Postgresql) -> None:
    deployment = deploy("postgresql", "redis")
    worker = deployment.worker()
    job_id = deployment.enqueue_slow_count()
    postgresql.stop_at_once()
    wait_until(lambda: "scheduler.round_failed" in worker.output_text, what="the worker finds no database")
    postgresql.start()
    postgresql.wait_until_ready()
    assert deployment.job(job_id).done < STEPS
    deployment.speed_up()
    deployment.wait_for_count(job_id)
    assert worker.is_running
