"""Two workers run the same schedule: each of its times is taken once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import create_engine, select, text

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.processes import EVERY
from tests.processes import wait_until
from webapp.jobs.models import Job, Schedule

# Keep each time of a schedule when the schedule is set to its next time.
NOTES = "CREATE TABLE taken (name TEXT, at TEXT)"
NOTE = "INSERT INTO taken VALUES (OLD.name, OLD.next_run_at)"
TRIGGERS = {
    "sqlite": [f"CREATE TRIGGER note AFTER UPDATE OF next_run_at ON schedules BEGIN {NOTE}; END"],
    "postgresql": [
        f"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {NOTE}; RETURN NULL; END $$",
        "CREATE TRIGGER note AFTER UPDATE OF next_run_at ON schedules FOR EACH ROW EXECUTE FUNCTION note()",
    ],
}


@pytest.mark.parametrize(("database", "broker"), [("sqlite", "sqlite"), ("postgresql", "redis")])
def test_two_workers_enqueue_a_scheduled_job_once(deploy: Deploy, database: str, broker: str) -> None:
    deployment = deploy(database, broker, FAULTS_REPEAT="test.nothing")
    engine = create_engine(deployment.database_url)
    with engine.begin() as connection:
        for statement in (NOTES, *TRIGGERS[database]):
            connection.execute(text(statement))
    engine.dispose()
    taken = text("SELECT at FROM taken WHERE name = 'test.nothing'")
    workers = [deployment.worker(), deployment.worker()]
    both_run = text("SELECT 1 FROM workers")
    wait_until(lambda: len(deployment.rows(both_run)) == 2, what="both workers run", seen=deployment.output_text)
    enough = len(deployment.rows(taken)) + 4
    wait_until(lambda: len(deployment.rows(taken)) >= enough, what="four more times", seen=deployment.output_text)
    for worker in workers:
        worker.kill()
    times = sorted(datetime.fromisoformat(row.at) for row in deployment.rows(taken))
    made = deployment.rows(select(Job.created_at).where(Job.kind == "test.nothing").order_by(Job.created_at))
    assert len(times) == len(set(times)), "a time was taken twice"
    assert len(made) == len(times), "a time was taken without a job, or for two"
    # A busy machine may miss times. It makes up for them once.
    assert all((later - earlier) % EVERY == timedelta(0) for earlier, later in pairwise(times))
    next_run_at = deployment.rows(select(Schedule.next_run_at).where(Schedule.name == "test.nothing"))[0].next_run_at
    assert next_run_at - made[-1].created_at <= EVERY
