"""The job that erases old deliveries and deleted endpoints."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, delete, or_, select

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
    """Erase old deliveries that ended, and those of endpoints deleted KEPT_FOR ago, in chunks; then these endpoints."""
    before = now() - KEPT_FOR
    ended = and_(Delivery.created_at < before, Delivery.next_attempt_at.is_(None))
    # Those that still wait for a deleted endpoint, too. Otherwise, erasing it would take all of them at once.
    of_deleted = Delivery.endpoint_id.in_(select(Endpoint.id).where(Endpoint.deleted_at < before))
    found = list(db.session.scalars(select(Delivery.seq).where(or_(ended, of_deleted)).limit(CHUNK)))
    if found:
        db.session.execute(delete(Delivery).where(Delivery.seq.in_(found)))
        run.advance(None, done=len(found))
        return
    db.session.execute(delete(Endpoint).where(Endpoint.deleted_at < before))
    run.finish()
