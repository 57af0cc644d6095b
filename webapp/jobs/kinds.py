"""The kinds of jobs, and the interface between a job and its work."""

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
from webapp.db.transactions import after_commit
from webapp.jobs.models import FILENAME_MAX, JobFile, JobMessage

ATTEMPTS = 5


class JobRun:
    """One chunk of a job. `JobKind.work` is called for one chunk after another until it calls `finish`.

    What a chunk writes to the database is committed together with its checkpoint and progress. If the process crashes
    during a chunk, nothing of it is committed, and the chunk runs again. `checkpoint` is what the previous chunk passed
    to `advance`, None for the first chunk. `changes` are the new values of the job's row.
    """

    def __init__(self, job: Row[Any]) -> None:
        self.job_id: UUID = job.id
        self._done, self._total = job.done, job.total
        self.arguments: dict[str, Any] = job.arguments
        self.requested_by_id: UUID | None = job.requested_by_id
        self.requested_by_label: str = job.requested_by_label
        self.checkpoint: Any = job.checkpoint
        self.finished = self.keeps_attempts = False
        self.changes: dict[str, Any] = {}

    def advance(self, checkpoint: Any, *, done: int = 0, total: int | None = None) -> None:
        """Continue with another chunk at `checkpoint`, which can be any JSON. Add `done` items to the progress."""
        self.checkpoint = checkpoint
        self._done += done
        self._total = self._total if total is None else total
        self.changes |= {"checkpoint": checkpoint, "done": self._done, "total": self._total}

    def work_after_commit(self, work: Callable[[], object]) -> None:
        """Call `work` after the commit of this chunk, without a transaction. Then another chunk follows.

        For networks, which can be slow: on SQLite a transaction blocks everyone who writes. If `work` raises, this
        attempt has failed. It should end before the lease, or renew it (`renewed_lease`).
        """
        self.keeps_attempts = True
        after_commit(work)

    def add_message(self, text: str) -> None:
        """Show a line of text on the job's page."""
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
        """End the job. Its page shows `result`."""
        self.finished = True
        self.changes["result"] = result
        if self._total is not None:
            self.changes["done"] = self._total


Work = Callable[[JobRun], None]
CheckFile = Callable[[JobFile, Actor], None]


@dataclass(frozen=True)
class JobKind:
    """A kind of job. `work` runs one chunk; a chunk that fails is tried `attempts` times.

    A kind with an `interval` is also a schedule of the same name. `every` is the label of the interval.
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
    """Name → kind. Packages register their own kinds."""

    def register(self, *kinds: JobKind) -> None:
        self.update({kind.name: kind for kind in kinds})

    @property
    def scheduled(self) -> dict[str, JobKind]:
        return {name: kind for name, kind in self.items() if kind.interval}


def job_kinds() -> JobKinds:
    return current_registry().get(JobKinds)


# Labels of the values in a job's result.
RESULT_LABELS = {
    "people": _("People"),
    "messages": _("Broker messages removed"),
    "counted": _("Counted"),
    "rows": _("Rows"),
    "pairs": _("Pairs"),
    "file": _("File"),
}


def result_label(name: str) -> str:
    return RESULT_LABELS.get(name, name)


def kind_label(name: str) -> str:
    """Return the label of a kind, or its name if the code no longer has the kind."""
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
    """Make a job kind of the decorated function. `register` of its package must register the kind."""
    return lambda work: JobKind(name, label, work, attempts, interval, every, check_file)
