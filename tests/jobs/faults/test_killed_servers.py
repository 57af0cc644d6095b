"""SIGKILL or SIGHUP for a process of `python -m webapp.serve`: it is replaced, or all the others end too."""

from __future__ import annotations

import contextlib
import os
import signal
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.jobs.faults import processes
from tests.jobs.faults.conftest import deploying
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


@contextlib.contextmanager
def serving(request: pytest.FixtureRequest, folder: Path) -> Iterator[Serve]:
    port = free_port()
    # gunicorn leaves a folder behind when it is killed.
    settings = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2", "TMPDIR": str(folder)}
    with deploying(request, folder) as deploy:
        deployment = deploy("sqlite", "sqlite", **settings)
        supervisor = deployment.start(processes.web_and_worker)
        serve = Serve(deployment, supervisor, f"http://127.0.0.1:{port}")
        wait_until(serve.answers, what="pages answer", seen=deployment.output_text)
        wait_until(lambda: len(serve.parts()[1]) == 2 and serve.parts()[2], what="all parts run")
        yield serve


@pytest.fixture(scope="module")
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """For tests after which it runs as before."""
    with serving(request, tmp_path_factory.mktemp("lasting")) as serve:
        yield serve


@pytest.fixture
def ending(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serve]:
    """For a test that ends it."""
    with serving(request, tmp_path) as serve:
        yield serve


def test_pages_answer_again_after_the_death_of_a_gunicorn_worker(lasting: Serve) -> None:
    _master, [victim, _other], _jobs = lasting.parts()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: all(lasting.answers() for _time in range(10)), what="pages answer")
    wait_until(lambda: len(set(lasting.parts()[1]) - {victim}) == 2, what="there are two again")
    assert lasting.supervisor.is_running


def test_no_request_fails_while_gunicorn_replaces_its_workers_on_sighup(lasting: Serve) -> None:
    master, before, _jobs = lasting.parts()
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(lasting.answers) for _request in range(50)]
        os.kill(master, signal.SIGHUP)
        answers += [pool.submit(lasting.answers) for _request in range(50)]
        assert all(answer.result() for answer in answers)
    wait_until(
        lambda: len(lasting.parts()[1]) == 2 and not {*lasting.parts()[1]} & {*before}, what="there are new workers"
    )
    assert lasting.parts()[0] == master
    assert lasting.answers()


def test_a_killed_worker_of_jobs_is_started_again_and_its_job_ends(lasting: Serve) -> None:
    job_id = lasting.deployment.enqueue_slow_count()
    master, _workers, victim = lasting.parts()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: lasting.parts()[2] not in {0, victim}, what="there is another")
    assert lasting.answers()
    lasting.deployment.speed_up()
    lasting.deployment.wait_for_count(job_id)
    assert lasting.parts()[0] == master


def test_all_ends_with_gunicorn(ending: Serve) -> None:
    job_id = ending.deployment.enqueue_slow_count()
    os.kill(ending.parts()[0], signal.SIGKILL)
    assert ending.supervisor.wait() != 0
    wait_until(lambda: not ending.supervisor.family(), what="no process is left")
    # Its worker released the job in good order.
    assert ending.deployment.job(job_id).state == "waiting"


def test_nothing_outlives_the_supervisor(ending: Serve) -> None:
    job_id = ending.deployment.enqueue_slow_count()
    ending.supervisor.signal(signal.SIGKILL)
    ending.supervisor.wait()
    wait_until(lambda: not ending.supervisor.family(), what="no process is left")
    assert ending.deployment.job(job_id).state == "waiting"
