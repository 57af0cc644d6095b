"""kill -9 among the processes of `python -m webapp.serve`: each is missed for seconds, or takes all others along."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.jobs.faults.conftest import Make
from tests.jobs.faults.servers import Process
from tests.jobs.faults.workers import Rollcall
from tests.running import free_port, until


@dataclass
class Serve:
    place: Rollcall
    supervisor: Process
    address: str

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{self.address}/login", timeout=5).status == 200
        return False

    def parts(self) -> tuple[int, list[int], int]:
        """gunicorn's master, its workers, and the worker of jobs."""
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
def serve(make: Make, tmp_path: Path) -> Serve:
    port = free_port()
    # gunicorn, killed, leaves a folder behind.
    place = make("sqlite", "sqlite", BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="2", TMPDIR=str(tmp_path))
    serve = Serve(place, place.run("serve"), f"http://127.0.0.1:{port}")
    until(serve.answers, seconds=20, what="pages answer")
    until(lambda: len(serve.parts()[1]) == 2 and serve.parts()[2], seconds=10, what="all parts run")
    return serve


def test_pages_answer_again_within_seconds_of_the_death_of_a_gunicorn_worker(serve: Serve) -> None:
    _master, [victim, _other], _jobs = serve.parts()
    os.kill(victim, signal.SIGKILL)
    until(lambda: all(serve.answers() for _time in range(10)), seconds=5, what="pages answer")
    until(lambda: len(set(serve.parts()[1]) - {victim}) == 2, seconds=5, what="there are two again")
    assert serve.supervisor.lives


def test_a_killed_worker_of_jobs_is_started_again_and_its_job_ends(serve: Serve) -> None:
    asked = serve.place.count()
    serve.place.reaches(asked, 1_000)
    master, _workers, victim = serve.parts()
    os.kill(victim, signal.SIGKILL)
    until(lambda: serve.parts()[2] not in {0, victim}, seconds=5, what="there is another")
    assert serve.answers()
    serve.place.counted(asked)
    assert serve.parts()[0] == master


def test_all_ends_with_gunicorn(serve: Serve) -> None:
    asked = serve.place.count(pause=0.04)
    serve.place.reaches(asked, 1_000)
    os.kill(serve.parts()[0], signal.SIGKILL)
    assert serve.supervisor.ended(10) != 0
    until(lambda: not serve.supervisor.left(), seconds=3, what="no process is left")
    # Its worker gave the job back in good order.
    assert serve.place.job(asked).state == "waiting"


def test_nothing_outlives_the_supervisor(serve: Serve) -> None:
    asked = serve.place.count(pause=0.04)
    serve.place.reaches(asked, 1_000)
    began = time.monotonic()
    serve.supervisor.signal(signal.SIGKILL)
    serve.supervisor.ended(5)
    until(lambda: not serve.supervisor.left(), seconds=10, what="no process is left")
    assert time.monotonic() - began < 10
    assert serve.place.job(asked).state == "waiting"
