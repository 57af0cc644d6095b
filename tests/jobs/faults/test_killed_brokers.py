"""The broker only notifies workers. Jobs run without it, and enqueueing one never waits for it."""

from __future__ import annotations

import pytest

from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.servers import Rabbitmq, Redis


@pytest.fixture(params=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> Redis | Rabbitmq:
    return request.getfixturevalue(request.param)


def test_jobs_run_and_workers_start_while_the_broker_is_dead(deploy: Deploy, broker: Redis | Rabbitmq) -> None:
    name = type(broker).__name__.lower()
    deployment, later = deploy("postgresql", name), deploy("postgresql", name)
    deployment.worker()
    running = deployment.enqueue_slow_count()
    with broker.away():
        assert deployment.job(running).state == "running"
        deployment.speed_up()
        # A process that waited for the broker would not return: see BROKER_SECONDS.
        enqueued = [deployment.enqueue("test.nothing") for _time in range(3)]
        deployment.wait_for_count(running)
        for job_id in enqueued:
            assert deployment.wait_for_end(job_id).state == "done"
        waiting = later.enqueue("test.nothing")
        later.worker()
        assert later.wait_for_end(waiting).state == "done"
    for each in (deployment, later):
        assert each.wait_for_end(each.enqueue("test.nothing")).state == "done"


def test_enqueueing_does_not_wait_for_a_broker_that_does_not_answer(deploy: Deploy, broker: Redis | Rabbitmq) -> None:
    deployment = deploy("postgresql", type(broker).__name__.lower())
    deployment.worker()
    assert deployment.wait_for_end(deployment.enqueue("test.nothing")).state == "done"
    with broker.frozen():
        # A process that waited for the broker would not return: see BROKER_SECONDS.
        enqueued = [deployment.enqueue("test.nothing") for _time in range(3)]
    for job_id in enqueued:
        assert deployment.wait_for_end(job_id).state == "done"
