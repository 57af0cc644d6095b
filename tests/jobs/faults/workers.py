"""A Rollcall of a test's own: where its data and its bell are, its workers, and what its jobs are at."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import NullPool, Row, create_engine, distinct, func, select
from sqlalchemy.exc import OperationalError

from tests.jobs.faults.asker import ANSWER
from tests.jobs.faults.servers import Process
from tests.running import ROOT, until
from webapp.jobs.models import Job, JobMessage

SECRET_KEY = "a secret key of forty characters at least"
OVER = ("done", "failed", "cancelled")


@dataclass
class Asked:
    id: UUID
    seconds: float


@dataclass
class Rollcall:
    database_url: str
    broker_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    _asker: Process | None = None

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "SECRET_KEY": SECRET_KEY,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        } | self.settings  # fmt: skip

    def run(self, module: str) -> Process:
        """python -m tests.jobs.faults.…"""
        output = self.folder / f"{module}-{len(self.processes)}.txt"
        command = [sys.executable, "-m", f"tests.jobs.faults.{module}"]
        process = Process(command, output=output, env=self.env, cwd=ROOT)
        self.processes.append(process)
        return process

    def worker(self) -> Process:
        return self.run("worker")

    def ask(self, kind: str, **arguments: Any) -> Asked:
        """Asks from a process that keeps its connections, as pages do."""
        if self._asker is None:
            self._asker = self.run("asker")
        asker, before = self._asker, len(_answers(self._asker))
        asker.tell(json.dumps({"kind": kind, "arguments": arguments}))
        until(lambda: len(_answers(asker)) > before or not asker.lives, seconds=20, what=f"an answer: {asker.said}")
        assert asker.lives, asker.said
        answer = json.loads(_answers(asker)[before])
        return Asked(UUID(answer["id"]), answer["seconds"])

    def count(self, *, chunks: int = 100, pause: float = 0.02) -> Asked:
        """The job of 10,000 steps that lasts some seconds."""
        return self.ask("test.count", steps=10_000, chunk=10_000 // chunks, pause=pause)

    def rows(self, statement: Any) -> list[Row[Any]]:
        engine = create_engine(self.database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return list(connection.execute(statement))

    def job(self, asked: Asked) -> Row[Any]:
        table = Job.__table__
        return self.rows(select(table).where(table.c.id == asked.id))[0]

    def reaches(self, asked: Asked, done: int, *, seconds: float = 15) -> None:
        """Waits until so many items are done."""
        until(lambda: self.job(asked).done >= done, seconds=seconds, what=f"{done} items done: {self.told()}")

    def ends(self, asked: Asked, *, seconds: float = 20) -> Row[Any]:
        """The job, once it is over; on the way its progress may neither run backwards nor past its total."""
        seen = 0
        end = time.monotonic() + seconds
        while True:
            try:
                job = self.job(asked)
            except OperationalError:
                job = None
            if job is not None:
                assert job.done >= seen, f"progress ran backwards from {seen} to {job.done}"
                assert job.total is None or job.done <= job.total, f"{job.done} of {job.total} done"
                seen = job.done
                if job.state in OVER:
                    return job
            assert time.monotonic() < end, f"not over in {seconds} s: {job and job._asdict()}\n{self.told()}"
            time.sleep(0.05)

    def messages(self, asked: Asked) -> tuple[int, int]:
        """How many lines a job said, and how many different ones."""
        text = JobMessage.__table__.c.text
        query = select(func.count(), func.count(distinct(text))).where(JobMessage.__table__.c.job_id == asked.id)
        return tuple(self.rows(query)[0])

    def counted(self, asked: Asked, *, seconds: float = 20) -> None:
        """The job of 10,000 steps ends complete, with every step exactly once."""
        job = self.ends(asked, seconds=seconds)
        assert (job.state, job.done, job.total, job.result, job.error) == (
            "done", 10_000, 10_000, {"counted": 10_000}, None,
        ), self.told()  # fmt: skip
        assert self.messages(asked) == (10_000, 10_000)

    def told(self) -> str:
        """All that its processes said."""
        return "\n".join(f"--- {process.output.name}\n{process.said[-3000:]}" for process in self.processes)

    def close(self) -> None:
        for process in self.processes:
            process.kill()


def _answers(asker: Process) -> list[str]:
    return re.findall(rf"^{ANSWER}(.*)\n", asker.said, re.MULTILINE)


@contextmanager
def rollcall(database_url: str, broker_url: str, folder: Path, **settings: str) -> Iterator[Rollcall]:
    """None of its processes outlives the block."""
    here = Rollcall(database_url, broker_url, folder, settings)
    try:
        yield here
    finally:
        here.close()
