"""Jobs in JSON, and the parameters of their list."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from webapp.core.schemas import Schema, UtcTime
from webapp.jobs.models import FILENAME_MAX, KIND_MAX, Job, JobFile, JobMessage, StartedBy, State
from webapp.jobs.schedules import ScheduleRow
from webapp.lists.schemas import CountOut, PageQuery


class JobListQuery(PageQuery):
    state: State | None = Field(None, description="Only jobs in this state.")
    started_by: StartedBy | None = Field(
        None, description="Only jobs that people started, or only those of schedules and commands (`system`)."
    )


class JobPath(BaseModel):
    job_id: UUID = Field(description="The ID of the job.")


class SchedulePath(BaseModel):
    name: str = Field(max_length=KIND_MAX, description="The name of the schedule, for example `jobs.purge`.")


class JobOut(Schema):
    """Work in the background."""

    id: UUID
    kind: str = Field(description="For example `bulk.apply`.")
    state: State
    # Part of the interface: programs read this name from `flask jobs show --json`.
    asked_by_label: str = Field(description="Who requested it.")
    created_at: UtcTime
    started_at: UtcTime | None
    finished_at: UtcTime | None
    done: int = Field(description="How many of `total` are done.")
    total: int | None
    attempts: int
    error: str | None = Field(description="Why the last attempt failed.")
    result: dict[str, Any] = Field(description="What a finished job counted, for example `people`.")

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**_values_of(job))


class JobPage(Schema):
    """A page of jobs, newest first. `next` and `previous` are values of `after` and `before`."""

    items: list[JobOut]
    next: str | None
    previous: str | None
    count: CountOut


class JobMessageOut(Schema):
    at: UtcTime
    text: str


class JobFileOut(Schema):
    """The file of a job."""

    name: str = Field(max_length=FILENAME_MAX)
    content_type: str
    removed_at: UtcTime | None = Field(description="Set if the file was removed because a user in it was erased.")


class JobDetailsOut(JobOut):
    """A job with its messages and its file."""

    messages: list[JobMessageOut] = Field(description="The last ones, newest first.")
    file: JobFileOut | None = Field(description="`null` if there is none, or if someone else requested the job.")

    @classmethod
    def with_details(cls, job: Job, messages: list[JobMessage], file: JobFile | None) -> Self:
        return cls(
            **_values_of(job),
            messages=[JobMessageOut.model_validate(message) for message in messages],
            file=JobFileOut.model_validate(file) if file else None,
        )


class ScheduleOut(Schema):
    """A job that repeats."""

    name: str
    label: str
    every: str = Field(description="How often, in words.")
    next_run_at: UtcTime | None = Field(description="`null` until the first worker runs.")
    paused_at: UtcTime | None
    last_job_id: UUID | None
    last_job_state: State | None

    @classmethod
    def of(cls, row: ScheduleRow) -> Self:
        job = row.last_job
        return cls(
            name=row.name,
            label=str(row.label),
            every=str(row.every),
            next_run_at=row.next_run_at,
            paused_at=row.paused_at,
            last_job_id=job.id if job else None,
            last_job_state=State(job.state) if job else None,
        )


class SchedulesOut(Schema):
    """All schedules."""

    items: list[ScheduleOut]


def _values_of(job: Job) -> dict[str, Any]:
    names = JobOut.model_fields.keys() - {"asked_by_label"}
    return {name: getattr(job, name) for name in names} | {"asked_by_label": job.requested_by_label}
