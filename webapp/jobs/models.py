"""Tables of jobs, of their messages and files, of schedules and of workers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import Model
from webapp.db.types import Instant

KIND_MAX = 64
LABEL_MAX = 254
TRACEPARENT_MAX = 55
ERROR_MAX = 2000
FILENAME_MAX = 200


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (State.WAITING, State.RUNNING)


class StartedBy(StrEnum):
    PEOPLE = "people"
    SYSTEM = "system"


_OF_PEOPLE = text("asked_by_id IS NOT NULL")


class Job(Model):
    """Background work. A job is inserted in the transaction of the change that needs it.

    The holder of the lease runs the job in chunks. `checkpoint` is where the next chunk starts. Each chunk commits its
    changes and the new checkpoint in one transaction.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "run_after"),
        Index(None, "state", "id"),
        Index(None, "requested_by_id", "id"),
        Index(None, "kind", "id"),
        Index("ix_jobs_of_people_id", "id", postgresql_where=_OF_PEOPLE, sqlite_where=_OF_PEOPLE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(KIND_MAX))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default=State.WAITING)
    requested_by_id: Mapped[UUID | None] = mapped_column("asked_by_id", key="requested_by_id")
    requested_by_label: Mapped[str] = mapped_column("asked_by_label", String(LABEL_MAX), key="requested_by_label")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    run_after: Mapped[datetime] = mapped_column(Instant, default=now)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    checkpoint: Mapped[Any] = mapped_column("place", JSON(none_as_null=True), key="checkpoint", nullable=True)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(ERROR_MAX))
    cancel_requested_at: Mapped[datetime | None] = mapped_column("cancel_asked_at", Instant, key="cancel_requested_at")
    lease_holder: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    # The span that enqueued the job, in the format of W3C Trace Context, if requests are traced.
    traceparent: Mapped[str | None] = mapped_column(String(TRACEPARENT_MAX))

    if TYPE_CHECKING:
        stop_requested_at: Mapped[datetime | None]

    @property
    def is_stopping(self) -> bool:
        return bool(self.cancel_requested_at or self.stop_requested_at)

    @property
    def live(self) -> bool:
        return self.state in LIVE


class StopRequest(Model):
    """A request to stop a job or a bulk change, whose row the chunk in progress has locked. The next chunk reads it."""

    __tablename__ = "stop_requests"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(Instant, default=now)


# Not a part of the job's row, so that stopping a job does not wait for its chunk.
Job.stop_requested_at = column_property(
    select(StopRequest.requested_at).where(StopRequest.subject_id == Job.id).scalar_subquery()
)


class JobMessage(Model):
    """One line of text on the page of a job."""

    __tablename__ = "job_messages"
    __table_args__ = (Index(None, "job_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    text: Mapped[str] = mapped_column(Text)


class JobFile(Model):
    """A file that a job created. Only its requester can download it, and only if `JobKind.check_file` agrees.

    `check_file` reads from `rights` what the file shows. `removed_at` is set if a person in the file was erased.
    """

    __tablename__ = "job_files"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(FILENAME_MAX))
    content_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    rights: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class JobFilePart(Model):
    """The part of a file that one chunk created. The last chunk joins the parts.

    Appending to the file instead would write the whole file again in each chunk.
    """

    __tablename__ = "job_file_parts"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class JobFilePerson(Model):
    """A person in a part of a file, also after the parts are joined: in a row of their own, or named in another's row.

    The foreign key to the person makes erasing them wait for the chunk that writes about them, or the other way round.
    """

    __tablename__ = "job_file_people"
    __table_args__ = (Index(None, "user_id"),)

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    has_row: Mapped[bool]


class Schedule(Model):
    """When a recurring job runs next. The code has the job and its interval (`JobKind`)."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(String(KIND_MAX), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(Instant)
    last_job_id: Mapped[UUID | None]
    paused_at: Mapped[datetime | None] = mapped_column(Instant)


class Worker(Model):
    """A worker process and when it was last seen."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant, default=now)
