"""The job that removes old jobs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.models import LIVE, Job, StopRequest, Worker
from webapp.jobs.notifier import Notifier

KEPT_FOR = timedelta(days=90)
WORKERS_KEPT_FOR = timedelta(days=1)
CHUNK = 500


@job_kind(
    "jobs.purge", label=_("Remove old jobs and broker messages"), interval=timedelta(days=1), every=_("Every day")
)
def purge(run: JobRun) -> None:
    """Remove old jobs in chunks, then workers that are gone and messages that were consumed."""
    old = select(Job.id).where(Job.state.not_in(LIVE), Job.finished_at < now() - KEPT_FOR).limit(CHUNK)
    ids = list(db.session.scalars(old))
    if ids:
        db.session.execute(delete(Job).where(Job.id.in_(ids)))
        run.advance(None, done=len(ids))
        return
    db.session.execute(delete(StopRequest).where(StopRequest.requested_at < now() - KEPT_FOR))
    db.session.execute(delete(Worker).where(Worker.seen_at < now() - WORKERS_KEPT_FOR))
    run.finish(messages=current_registry().get(Notifier).broker.delete_consumed_messages())
