"""Progress of a job in numbers, as components/job.html and the pages of jobs print them."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.formats import format_number
from webapp.jobs.models import Job


def progress_value(job: Job) -> int:
    """Return the finished items, at most `total`. A job can finish more items than it expected."""
    return max(min(job.done, job.total or 0), 0)


def progress_percent(job: Job) -> int:
    """Return 0 to 100, rounded down, so that 100 means that the job is complete."""
    return progress_value(job) * 100 // job.total if job.total else 0


def progress_share(job: Job) -> float:
    """Return `progress_percent` as a number from 0 to 1."""
    return progress_percent(job) / 100


def job_duration(job: Job) -> float | None:
    """Return the seconds from start to end, None for a job that has not ended."""
    if job.started_at is None or job.finished_at is None:
        return None
    return (job.finished_at - job.started_at) / timedelta(seconds=1)


def format_rate(per_second: float) -> str:
    """Return a number of items per second, with one decimal place below 10."""
    return format_number(round(per_second, 0 if per_second >= 10 else 1))
