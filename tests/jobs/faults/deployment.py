"""A deployment under test: its database, its broker, its processes, and the state of its jobs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import NullPool, Row, create_engine, distinct, func, select
from sqlalchemy.exc import OperationalError

from tests.jobs.faults import processes
from tests.processes import FORK_SERVER, ROOT, Fork, wait_until
from tests.server import SECRET_KEY
from webapp.jobs.models import Job, JobMessage

OVER = ("done", "failed", "cancelled")
STEPS = 1000


@dataclass
class Deployment:
    database_url: str
    broker_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    processes: list[Fork] = field(default_factory=list)
    _producer: tuple[Fork, Connection] | None = None

    def start(self, function: Callable[..., object], *arguments: Any) -> Fork:
        """Start a function of `tests.jobs.faults.processes`."""
        env = os.environ | {
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "SECRET_KEY": SECRET_KEY,
            "PYTHONPATH": str(ROOT),
            "FAULTS_SLOW": str(self._slow),
        } | self.settings  # fmt: skip
        output = self.folder / f"{function.__name__}-{len(self.processes)}.txt"
        process = Fork(function, *arguments, output=output, env=env)
        self.processes.append(process)
        return process

    def worker(self) -> Fork:
        return self.start(processes.worker)

    def enqueue_slow_count(self) -> UUID:
        """Enqueue a job of STEPS steps that lasts half a minute, or until `speed_up`. Return it once it runs."""
        self._slow.touch()
        job_id = self.enqueue("test.count", steps=STEPS, chunk=STEPS // 100)
        wait_until(lambda: self.job(job_id).done, what="the job makes progress", seen=self.output_text)
        return job_id

    def speed_up(self) -> None:
        """Let jobs of `enqueue_slow_count` run as fast as they can."""
        self._slow.unlink()

    @property
    def _slow(self) -> Path:
        return self.folder / "slow"

    def enqueue(self, kind: str, **arguments: Any) -> UUID:
        """Enqueue a job from a process that keeps its connections, as pages do. Return the job's id."""
        if self._producer is None:
            ours, theirs = FORK_SERVER.Pipe()
            self._producer = self.start(processes.producer, theirs), ours
            theirs.close()
        producer, connection = self._producer
        connection.send((kind, arguments))
        wait_until(
            lambda: connection.poll() or not producer.is_running, what="the job is enqueued", seen=self.output_text
        )
        assert producer.is_running, producer.output_text
        return connection.recv()

    def rows(self, statement: Any) -> list[Row[Any]]:
        engine = create_engine(self.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return list(connection.execute(statement))

    def job(self, job_id: UUID) -> Row[Any]:
        table = Job.__table__
        return self.rows(select(table).where(table.c.id == job_id))[0]

    def wait_for_progress(self, job_id: UUID, done: int) -> None:
        """Wait until at least `done` steps are done."""
        wait_until(lambda: self.job(job_id).done >= done, what=f"{done} steps are done", seen=self.output_text)

    def wait_for_end(self, job_id: UUID, *, seconds: float = 120) -> Row[Any]:
        """Return the job once it is over. On the way its progress may neither run backwards nor exceed its total."""
        seen = 0
        end = time.monotonic() + seconds
        while True:
            try:
                job = self.job(job_id)
            except OperationalError:
                job = None
            if job is not None:
                assert job.done >= seen, f"progress ran backwards from {seen} to {job.done}"
                assert job.total is None or job.done <= job.total, f"{job.done} of {job.total} done"
                seen = job.done
                if job.state in OVER:
                    return job
            assert time.monotonic() < end, f"not over in {seconds} s: {job and job._asdict()}\n{self.output_text()}"
            time.sleep(0.05)

    def messages(self, job_id: UUID) -> tuple[int, int]:
        """Return how many messages a job wrote, and how many different ones."""
        text = JobMessage.__table__.c.text
        query = select(func.count(), func.count(distinct(text))).where(JobMessage.__table__.c.job_id == job_id)
        return tuple(self.rows(query)[0])

    def wait_for_count(self, job_id: UUID) -> None:
        """Wait for the end of a job of `enqueue_slow_count`, which did every step exactly once."""
        job = self.wait_for_end(job_id)
        assert (job.state, job.done, job.total, job.result, job.error) == (
            "done", STEPS, STEPS, {"counted": STEPS}, None,
        ), self.output_text()  # fmt: skip
        assert self.messages(job_id) == (STEPS, STEPS)

    def output_text(self) -> str:
        """Return the end of what each process wrote."""
        return "\n".join(f"--- {process.output.name}\n{process.output_text[-3000:]}" for process in self.processes)

    def close(self) -> None:
        for process in self.processes:
            process.kill()


@contextmanager
def deployment(database_url: str, broker_url: str, folder: Path, **settings: str) -> Iterator[Deployment]:
    """A deployment whose processes end with the block."""
    here = Deployment(database_url, broker_url, folder, settings)
    try:
        yield here
    finally:
        here.close()
