"""Audit records that webhooks still need: those that an endpoint has not read, and those of stored deliveries."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from webapp.audit.holds import Hold
from webapp.audit.models import AuditRecord
from webapp.core.texts import _
from webapp.db.session import db
from webapp.webhooks.models import Delivery, Endpoint


def records_to_deliver() -> Iterator[Hold]:
    """Yield a hold for each endpoint, also a deleted one, which can be restored, and one for all deliveries."""
    for endpoint in db.session.scalars(select(Endpoint).order_by(Endpoint.id)):
        reason = _("The webhook “%(name)s” has not received them yet.", name=endpoint.name)
        yield Hold(reason, positions=endpoint.position)
    # Bodies are built from the records, for each attempt. IDs are in the order of time.
    first = select(Delivery.record_id).where(Delivery.record_id.is_not(None)).order_by(Delivery.record_id).limit(1)
    since = db.session.scalar(select(AuditRecord.at).where(AuditRecord.id == first.scalar_subquery()))
    if since:
        yield Hold(_("Deliveries of webhooks use them. They are kept for 30 days."), since=since)
