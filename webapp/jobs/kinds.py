"""The kinds of work that jobs can be, and what a piece of work may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from webapp.core.context import current_registry
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.models import FILENAME_MAX, JobFile, JobMessage

ATTEMPTS = 5


class JobRun:
    """One chunk of a job: `work` is called again for the next one until it calls `finish`.

    Everything it writes to the database is committed together with `place` and progress. It may run twice after a
    crash in the middle, the first time then without a trace.
    """

    def __init__(self, job: Row[Any]) -> None:
        self.job_id: UUID = job.id
        self._done, self._total = job.done, job.total
        self.arguments: dict[str, Any] = job.arguments
        self.requested_by_id: UUID | None = job.requested_by_id
        self.requested_by_label: str = job.requested_by_label
        self.checkpoint: Any = job.checkpoint
        """Where the chunk before ended: whatever JSON that one put here; None for the first."""
        self.finished = False
        self.changes: dict[str, Any] = {}
        """What the job's row is to say after the chunk."""

    def advance(self, checkpoint: Any, *, done: int = 0, total: int | None = None) -> None:
        """The next chunk goes on at `place`; `done` more items of `total` are done."""
        self.checkpoint = checkpoint
        self._done += done
        self._total = self._total if total is None else total
        self.changes |= {"checkpoint": checkpoint, "done": self._done, "total": self._total}

    def add_message(self, text: str) -> None:
        """Adds a line to what the job's page shows."""
        db.session.add(JobMessage(job_id=self.job_id, text=text))

    def restart(self) -> None:
        """Forget the checkpoint and the progress of earlier chunks."""
        self.checkpoint, self._done = None, 0

    def attach_file(
        self, name: str, content: bytes, content_type: str, *, rights: dict[str, Any] | None = None
    ) -> None:
        """Add a file that the requester can download. `rights` is for the kind's `check_file`."""
        db.session.merge(
            JobFile(
                job_id=self.job_id,
                name=name[:FILENAME_MAX],
                content=content,
                content_type=content_type,
                rights=rights or {},
                removed_at=None,
            )
        )

    def finish(self, **result: Any) -> None:
        """There is nothing more to do; `result` is shown on the job's page."""
        self.finished = True
        self.changes["result"] = result
        if self._total is not None:
            self.changes["done"] = self._total


Work = Callable[[JobRun], None]
CheckFile = Callable[[JobFile, Actor], None]


@dataclass(frozen=True)
class JobKind:
    """A kind of job: `work` is called once for each chunk, and a failing chunk is tried `attempts` times.

    With an `interval` it is also a schedule of the same name; `every` describes the interval to people.
    `check_file` raises Forbidden if the requester may no longer see everything in the file.
    """

    name: str
    label: str
    work: Work
    attempts: int
    interval: timedelta | None = None
    every: str = ""
    check_file: CheckFile | None = None


class JobKinds(dict[str, JobKind]):
    """The kinds that packages registered, by name."""

    def register(self, *kinds: JobKind) -> None:
        self.update({kind.name: kind for kind in kinds})

    @property
    def scheduled(self) -> dict[str, JobKind]:
        return {name: kind for name, kind in self.items() if kind.interval}


def job_kinds() -> JobKinds:
    """The kinds of the current app."""
    return current_registry().get(JobKinds)


# What people call the parts of a job's result.
RESULTS = {
    "people": _("People"),
    "messages": _("Broker messages removed"),
    "counted": _("Counted"),
    "rows": _("Rows"),
}


def result_label(name: str) -> str:
    return RESULTS.get(name, name)


def kind_label(name: str) -> str:
    """The label of this kind of job; its name if the code no longer has the kind."""
    kind = job_kinds().get(name)
    return kind.label if kind else name


def job_kind(
    name: str,
    *,
    label: str,
    attempts: int = ATTEMPTS,
    interval: timedelta | None = None,
    every: str = "",
    check_file: CheckFile | None = None,
) -> Callable[[Work], JobKind]:
    """Makes the decorated function the work of a job kind. Its package's `register` registers it."""
    return lambda work: JobKind(name, label, work, attempts, interval, every, check_file)
