"""The progress of the job that continues a bulk change, as the template prints it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from webapp.bulk.actions import EXPORT
from webapp.bulk.models import BulkChange
from webapp.core.errors import NotFound
from webapp.core.formats import format_number
from webapp.jobs.models import Job
from webapp.jobs.queries import get_job
from webapp.jobs.services import throughput


@dataclass(frozen=True, slots=True)
class JobProgress:
    """The job that continues a bulk change or created its file.

    `is_stopped`: the change is not finished and no job continues it. `speed` is in people per second.
    """

    job: Job | None
    is_live: bool
    is_stopped: bool
    speed: str | None
    seconds_left: int | None


def job_progress(bulk: BulkChange) -> JobProgress:
    shown = bulk.is_running or bulk.action == EXPORT
    return progress_of(bulk.job_id if shown else None, is_running=bulk.is_running)


def progress_of(job_id: UUID | None, *, is_running: bool) -> JobProgress:
    """Return the progress of a change that a job continues. `is_running`: it is not finished."""
    job = _find_job(job_id)
    is_live = is_running and job is not None and job.live
    speed, seconds_left = throughput(job) if job else (None, None)
    shown_speed = format_number(round(speed, 0 if speed >= 10 else 1)) if speed else None
    return JobProgress(job, is_live, is_running and not is_live, shown_speed, seconds_left)


def _find_job(job_id: UUID | None) -> Job | None:
    """Return None if there is none, or if it was old and deleted."""
    if job_id is None:
        return None
    try:
        return get_job(job_id)
    except NotFound:
        return None
