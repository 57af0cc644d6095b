"""The job that continues a bulk change of many people."""

from __future__ import annotations

from webapp.bulk.models import BulkChange
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue


def continue_in_job(kind: str, bulk: BulkChange, *, by: Actor, total: int) -> None:
    """Enqueue a job of this kind for a locked bulk change. `total` is the number of people that the job handles."""
    bulk.job_id, bulk.stop_requested_at = enqueue(kind, by=by, bulk_id=bulk.id.hex, total=total).id, None


def lock_job(bulk: BulkChange) -> Job | None:
    return db.session.get(Job, bulk.job_id, with_for_update=True, populate_existing=True) if bulk.job_id else None


def has_live_job(bulk: BulkChange) -> bool:
    """Whether a job waits or runs for this bulk change."""
    job = db.session.get(Job, bulk.job_id, populate_existing=True) if bulk.job_id else None
    return job is not None and job.live
