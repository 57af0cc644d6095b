"""The job that erases old deliveries and deleted endpoints."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.webhooks.models import Delivery, Endpoint

KEPT_FOR = timedelta(days=30)
CHUNK = 1000


@job_kind(
    "webhooks.purge",
    label=_("Erase old deliveries of webhooks"),
    interval=timedelta(days=1),
    every=_("Every day"),
)
def purge(run: JobRun) -> None:
    """Erase deliveries that ended, in chunks, then endpoints that were deleted KEPT_FOR ago."""
    before = now() - KEPT_FOR
    old = select(Delivery.seq).where(Delivery.created_at < before, Delivery.next_attempt_at.is_(None)).limit(CHUNK)
    found = list(db.session.scalars(old))
    if found:
        db.session.execute(delete(Delivery).where(Delivery.seq.in_(found)))
        run.advance(None, done=len(found))
        return
    db.session.execute(delete(Endpoint).where(Endpoint.deleted_at < before))
    run.finish()
