"""PostgreSQL ends at once in the middle of a job, and recovers: what was committed is there, and nothing else."""

from __future__ import annotations

import time

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.servers import Postgresql


def test_a_job_ends_with_every_step_once_though_postgresql_was_stopped_at_once(
    make: Make, postgresql: Postgresql
) -> None:
    place = make("postgresql", "redis")
    worker = place.worker()
    asked = place.count()
    place.reaches(asked, 2_000)
    postgresql.stop_at_once()
    time.sleep(1)
    postgresql.start()
    postgresql.ready()
    assert place.job(asked).done < 10_000
    place.counted(asked)
    assert worker.lives
