"""The lease of the sender: one worker process sends at a time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.models import ONLY_ROW, SenderLease

LEASE = timedelta(seconds=30)


def hold_lease(holder: str) -> bool:
    """Take or extend the lease of the sender for LEASE. Return False if another process holds it."""
    found = db.session.get(SenderLease, ONLY_ROW, populate_existing=True)
    left = found.lease_until - now() if found else timedelta()
    if found and left > (LEASE / 2 if found.holder == holder else timedelta()):
        # Most calls read only, because a write waits for the disk.
        return found.holder == holder
    try:
        with transaction():
            lease = db.session.get(SenderLease, ONLY_ROW, with_for_update=True, populate_existing=True)
            if lease is None:
                db.session.add(SenderLease(holder=holder, lease_until=now() + LEASE))
                return True
            if lease.holder != holder and lease.lease_until > now():
                return False
            lease.holder, lease.lease_until = holder, now() + LEASE
            return True
    except IntegrityError:
        # Another process inserted the row at the same time.
        return False


@transaction()
def release_lease(holder: str) -> None:
    db.session.execute(update(SenderLease).where(SenderLease.holder == holder).values(lease_until=now()))
