"""A worker under load delays neither pages nor short jobs."""

from __future__ import annotations

from sqlalchemy import create_engine, insert, select

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.servers import Redis
from tests.processes import wait_until
from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.jobs.models import Job, Worker

# So many steps that the job is killed with its worker.
ENDLESS = 1_000_000


def test_pages_can_write_to_sqlite_while_a_job_does(deploy: Deploy) -> None:
    deployment = deploy("sqlite", "sqlite")
    deployment.worker()
    running = deployment.enqueue("test.count", steps=ENDLESS, chunk=100, pause=0.05)
    deployment.wait_for_progress(running, 200)
    # To enqueue is to write. It fails if the job leaves no time for others.
    for _time in range(10):
        deployment.enqueue("test.nothing")
    assert deployment.job(running).state == "running"


def test_a_long_job_delays_no_short_one(deploy: Deploy) -> None:
    deployment = deploy("postgresql", "redis")
    deployment.worker()
    running = deployment.enqueue("test.count", steps=ENDLESS, pause=0.2)
    deployment.wait_for_progress(running, 1)
    for _time in range(20):
        assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"
    assert deployment.job(running).state == "running"


def test_heartbeats_go_on_though_many_jobs_wait_for_a_broker_that_does_not_answer(deploy: Deploy, redis: Redis) -> None:
    deployment = deploy("postgresql", "redis")
    deployment.worker()
    assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"
    engine = create_engine(deployment.database_url)

    def last_heartbeat() -> object:
        [worker] = deployment.rows(select(Worker.seen_at))
        return worker.seen_at

    with redis.frozen():
        with engine.begin() as connection:
            job = {"kind": "test.nothing", "arguments": {}, "requested_by_label": "Test", "result": {}}
            job["run_after"] = now()
            connection.execute(insert(Job), [job | {"id": new_id()} for _time in range(100)])
        # A worker that waited for the broker for each of the jobs would have no heartbeat for minutes.
        for _time in range(5):
            before = last_heartbeat()
            wait_until(lambda before=before: last_heartbeat() != before, what="another heartbeat")
    engine.dispose()
