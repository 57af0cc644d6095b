"""SIGKILL or SIGHUP for a process of `python -m webapp.serve`: it is replaced, or all the others end too."""

from __future__ import annotations

import contextlib
import os
import signal
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.jobs.faults import processes
from tests.jobs.faults.conftest import Deploy
from tests.jobs.faults.deployment import Deployment
from tests.processes import Process, wait_until
from tests.server import free_port


@dataclass
class Serve:
    deployment: Deployment
    supervisor: Process
    address: str

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{self.address}/login", timeout=30).status == 200
        return False

    def parts(self) -> tuple[int, list[int], int]:
        """Return the pids of gunicorn's master, its workers, and the worker of jobs."""
        master, jobs = 0, 0
        for pid in _children(self.supervisor.pid):
            if _children(pid):
                master = pid
            else:
                jobs = pid
        return master, _children(master), jobs


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@pytest.fixture
def serve(deploy: Deploy, tmp_path: Path) -> Serve:
    port = free_port()
    # gunicorn leaves a folder behind when it is killed.
    deployment = deploy("sqlite", "sqlite", BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="2", TMPDIR=str(tmp_path))
    supervisor = deployment.start(processes.web_and_worker)
    serve = Serve(deployment, supervisor, f"http://127.0.0.1:{port}")
    wait_until(serve.answers, what="pages answer", seen=deployment.output_text)
    wait_until(lambda: len(serve.parts()[1]) == 2 and serve.parts()[2], what="all parts run")
    return serve


def test_pages_answer_again_after_the_death_of_a_gunicorn_worker(serve: Serve) -> None:
    _master, [victim, _other], _jobs = serve.parts()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: all(serve.answers() for _time in range(10)), what="pages answer")
    wait_until(lambda: len(set(serve.parts()[1]) - {victim}) == 2, what="there are two again")
    assert serve.supervisor.is_running


def test_no_request_fails_while_gunicorn_replaces_its_workers_on_sighup(serve: Serve) -> None:
    master, before, _jobs = serve.parts()
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(serve.answers) for _request in range(50)]
        os.kill(master, signal.SIGHUP)
        answers += [pool.submit(serve.answers) for _request in range(50)]
        assert all(answer.result() for answer in answers)
    wait_until(lambda: len(serve.parts()[1]) == 2 and not {*serve.parts()[1]} & {*before}, what="there are new workers")
    assert serve.parts()[0] == master
    assert serve.answers()


def test_a_killed_worker_of_jobs_is_started_again_and_its_job_ends(serve: Serve) -> None:
    job_id = serve.deployment.enqueue_slow_count()
    master, _workers, victim = serve.parts()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: serve.parts()[2] not in {0, victim}, what="there is another")
    assert serve.answers()
    serve.deployment.speed_up()
    serve.deployment.wait_for_count(job_id)
    assert serve.parts()[0] == master


def test_all_ends_with_gunicorn(serve: Serve) -> None:
    job_id = serve.deployment.enqueue_slow_count()
    os.kill(serve.parts()[0], signal.SIGKILL)
    assert serve.supervisor.wait() != 0
    wait_until(lambda: not serve.supervisor.family(), what="no process is left")
    # Its worker released the job in good order.
    assert serve.deployment.job(job_id).state == "waiting"


def test_nothing_outlives_the_supervisor(serve: Serve) -> None:
    job_id = serve.deployment.enqueue_slow_count()
    serve.supervisor.signal(signal.SIGKILL)
    serve.supervisor.wait()
    wait_until(lambda: not serve.supervisor.family(), what="no process is left")
    assert serve.deployment.job(job_id).state == "waiting"
