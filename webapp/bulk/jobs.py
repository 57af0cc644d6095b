"""The job that continues a bulk change of many people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from webapp.bulk.models import BulkChange
from webapp.bulk.requester import save_token
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue, withdraw_stop


def continue_in_job(
    kind: str, bulk: BulkChange, *, by: Actor, total: int, run_after: datetime | None = None, **arguments: str
) -> None:
    """Enqueue a job of this kind for a locked bulk change. `total` is the number of people that the job handles."""
    save_token(bulk, by)
    job = enqueue(kind, by=by, run_after=run_after, bulk_id=bulk.id.hex, total=total, **arguments)
    bulk.job_id, bulk.stop_requested_at = job.id, None
    withdraw_stop(bulk.id)


def delete_unused_job(bulk: BulkChange) -> None:
    """Delete the job that would have continued a bulk change if the request had been interrupted."""
    db.session.execute(delete(Job).where(Job.id == bulk.job_id, Job.state == State.WAITING))
    bulk.job_id = None


def has_live_job(bulk: BulkChange) -> bool:
    """Whether a job waits or runs for this bulk change."""
    job = db.session.get(Job, bulk.job_id, populate_existing=True) if bulk.job_id else None
    return job is not None and job.live
