"""Two workers tick for the same schedule: each of its times is taken once."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.worker import EVERY
from tests.running import until
from webapp.jobs.models import Job, Schedule

# Notes each time that a schedule leaves behind when it is set to its next.
NOTES = "CREATE TABLE taken (name TEXT, at TEXT)"
NOTE = "INSERT INTO taken VALUES (OLD.name, OLD.next_run_at)"
TRIGGERS = {
    "sqlite": [f"CREATE TRIGGER note AFTER UPDATE OF next_run_at ON schedules BEGIN {NOTE}; END"],
    "postgresql": [
        f"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {NOTE}; RETURN NULL; END $$",
        "CREATE TRIGGER note AFTER UPDATE OF next_run_at ON schedules FOR EACH ROW EXECUTE FUNCTION note()",
    ],
}


@pytest.mark.parametrize(("data", "bell"), [("sqlite", "sqlite"), ("postgresql", "redis")])
def test_two_workers_run_a_scheduled_job_once(make: Make, data: str, bell: str) -> None:
    place = make(data, bell, FAULTS_REPEAT="test.nothing")
    engine = create_engine(place.database_url)
    with engine.begin() as connection:
        for statement in (NOTES, *TRIGGERS[data]):
            connection.execute(text(statement))
    engine.dispose()
    jobs = select(Job.created_at, Job.state).where(Job.kind == "test.nothing").order_by(Job.created_at)
    workers = [place.worker(), place.worker()]
    until(lambda: place.rows(text("SELECT 1 FROM taken")), seconds=15, what="the first time is taken")
    try:
        until(lambda: len(place.rows(text("SELECT 1 FROM workers"))) == 2, seconds=10, what="two workers tick")
    except AssertionError as error:
        raise AssertionError(place.told()) from error
    time.sleep(5)
    for worker in workers:
        worker.kill()
    taken = [name_and_time.at for name_and_time in place.rows(text("SELECT at FROM taken WHERE name = 'test.nothing'"))]
    made = place.rows(jobs)
    assert len(taken) == len(set(taken)), "a time was taken twice"
    assert len(made) == len(taken), "a time was taken without a job, or for two"
    elapsed = (made[-1].created_at - made[0].created_at) / EVERY
    # On a busy machine a time may be missed, which is made up for once; there are never more than intervals.
    assert 2 < len(made) <= elapsed + 2
    next_run_at = place.rows(select(Schedule.next_run_at).where(Schedule.name == "test.nothing"))[0].next_run_at
    assert next_run_at - made[-1].created_at <= EVERY + timedelta(seconds=0.1)
