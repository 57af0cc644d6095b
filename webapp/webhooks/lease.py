"""The lease of the sender: one worker process sends at a time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, update

from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.upserts import insert_into
from webapp.webhooks.models import ONLY_ROW, SenderLease

LEASE = timedelta(seconds=30)


def hold_lease(holder: str) -> bool:
    """Take or extend the lease of the sender for LEASE. Return False if another process holds it."""
    found = db.session.get(SenderLease, ONLY_ROW, populate_existing=True)
    # Most calls end here, because a write waits for the disk.
    if found and found.holder != holder and found.lease_until > now():
        return False
    if found and found.holder == holder and found.lease_until > now() + LEASE / 2:
        return True
    lease = {"holder": holder, "lease_until": now() + LEASE}
    is_free = or_(SenderLease.holder == holder, SenderLease.lease_until <= now())
    insert = insert_into(SenderLease).values(id=ONLY_ROW, **lease)
    statement = insert.on_conflict_do_update(index_elements=["id"], set_=lease, where=is_free)
    with transaction():
        return bool(db.session.connection().execute(statement).rowcount)


@transaction()
def release_lease(holder: str) -> None:
    db.session.execute(update(SenderLease).where(SenderLease.holder == holder).values(lease_until=now()))
