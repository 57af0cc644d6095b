"""The kinds of work that jobs can be, and what a piece of work may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from webapp.core.database import db
from webapp.core.languages import _
from webapp.jobs.models import FILENAME_MAX, JobFile, JobMessage

ATTEMPTS = 5


class Run:
    """One chunk of a job: `work` is called again for the next one until it calls `finish`.

    Everything it writes to the database is committed together with `place` and progress. It may run twice after a
    crash in the middle, the first time then without a trace.
    """

    def __init__(self, job: Row[Any]) -> None:
        self._job_id = job.id
        self._done, self._total = job.done, job.total
        self.arguments: dict[str, Any] = job.arguments
        self.asked_by_id: UUID | None = job.asked_by_id
        self.asked_by_label: str = job.asked_by_label
        self.place: Any = job.place
        """Where the chunk before ended: whatever JSON that one put here; None for the first."""
        self.finished = False
        self.changes: dict[str, Any] = {}
        """What the job's row is to say after the chunk."""

    def advance(self, place: Any, *, done: int = 0, total: int | None = None) -> None:
        """The next chunk goes on at `place`; `done` more items of `total` are done."""
        self.place = place
        self._done += done
        self._total = self._total if total is None else total
        self.changes |= {"place": place, "done": self._done, "total": self._total}

    def say(self, text: str) -> None:
        """Adds a line to what the job's page shows."""
        db.session.add(JobMessage(job_id=self._job_id, text=text))

    def leave(self, name: str, content: bytes, content_type: str) -> None:
        """A file to download from the job's page."""
        db.session.merge(
            JobFile(job_id=self._job_id, name=name[:FILENAME_MAX], content=content, content_type=content_type)
        )

    def finish(self, **result: Any) -> None:
        """There is nothing more to do; `result` is shown on the job's page."""
        self.finished = True
        self.changes["result"] = result
        if self._total is not None:
            self.changes["done"] = self._total


Work = Callable[[Run], None]


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    work: Work
    attempts: int


KINDS: dict[str, Kind] = {}


# What people call the parts of a job's result.
RESULTS = {
    "people": _("People"),
    "messages": _("Messages removed from the broker"),
    "counted": _("Counted"),
    "rows": _("Rows"),
}


def result_label(name: str) -> str:
    return RESULTS.get(name, name)


def kind_label(name: str) -> str:
    """What people call this kind of job; its name when the code does not know it any more."""
    return KINDS[name].label if name in KINDS else name


def kind(name: str, *, label: str, attempts: int = ATTEMPTS) -> Callable[[Work], Work]:
    """Makes a function the work of jobs called `name`; `label` is what people read.

    A chunk that fails is tried `attempts` times, longer and longer apart; a chunk that succeeds starts the count anew.
    """

    def register(work: Work) -> Work:
        KINDS[name] = Kind(name, label, work, attempts)
        return work

    return register
