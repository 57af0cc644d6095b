"""Named reads of jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import defer

from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.models import LIVE, Job, JobFile, JobMessage, StartedBy, State, Worker
from webapp.lists.order import Order

NEWEST_FIRST = Order("-id", Job.id, Job.id, descending=True)
MESSAGES_SHOWN = 200


def list_jobs(
    *,
    requested_by_id: UUID | None = None,
    state: State | None = None,
    started_by: StartedBy | None = None,
    with_result: bool = False,
) -> Select[Job]:
    """Select all jobs, or those that one person requested. Their results are read only `with_result`."""
    query = select(Job).options(defer(Job.checkpoint))
    query = query if with_result else query.options(defer(Job.result))
    if requested_by_id is not None:
        query = query.where(Job.requested_by_id == requested_by_id)
    if started_by:
        has_requester = Job.requested_by_id.is_not(None)
        query = query.where(has_requester if started_by == StartedBy.PEOPLE else ~has_requester)
    return query.where(Job.state == state) if state else query


def running_job_of(user_id: UUID) -> Job | None:
    """Return the person's newest job that waits or runs."""
    query = select(Job).where(Job.requested_by_id == user_id, Job.state.in_(LIVE)).order_by(Job.id.desc()).limit(1)
    return db.session.scalars(query).first()


def has_running_job(user_id: Any) -> Exists:
    """Return the SQL condition that the person has a job that waits or runs."""
    return exists().where(Job.requested_by_id == user_id, Job.state.in_(LIVE))


def get_job(job_id: UUID, *, requested_by_id: UUID | None = None) -> Job:
    """Raise NotFound if there is none, or if another person than `requested_by_id` requested it."""
    job = db.session.get(Job, job_id)
    if job is None or (requested_by_id is not None and job.requested_by_id != requested_by_id):
        raise NotFound(_("This job does not exist"))
    return job


def messages_of(job_id: UUID) -> list[JobMessage]:
    """Return the last messages of a job, the newest first."""
    query = select(JobMessage).where(JobMessage.job_id == job_id).order_by(JobMessage.id.desc())
    return list(db.session.scalars(query.limit(MESSAGES_SHOWN)))


def file_of(job_id: UUID) -> JobFile | None:
    """Return the file of a job. Its content is loaded only when it is read."""
    query = select(JobFile).options(defer(JobFile.content)).where(JobFile.job_id == job_id)
    return db.session.scalars(query).first()


def worker_seen(within: timedelta) -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(Worker).where(Worker.seen_at >= now() - within)))


def counts_by_state() -> dict[State, int]:
    rows = db.session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}
