"""Jobs in JSON, and the parameters of their list."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import Field

from webapp.core.schemas import Schema, UtcTime
from webapp.jobs.models import Job, State
from webapp.lists.schemas import PageQuery


class JobListQuery(PageQuery):
    state: State | None = None


class JobOut(Schema):
    """A job as commands print it."""

    id: UUID
    kind: str
    state: State
    # Part of the interface: programs read this name from `flask jobs show --json`.
    asked_by_label: str = Field(validation_alias="requested_by_label")
    created_at: UtcTime
    started_at: UtcTime | None
    finished_at: UtcTime | None
    done: int
    total: int | None
    attempts: int
    error: str | None
    result: dict[str, Any]

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_validate(job)
