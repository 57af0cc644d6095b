"""What the sender sends: adds deliveries for new audit records, and finds those that are due."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Select, Table, func, insert, select, update
from sqlalchemy.orm import aliased

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.feed import end_of_trail, next_records
from webapp.webhooks.models import Delivery, Endpoint
from webapp.webhooks.payloads import body_of, select_payloads

# Audit records that are read at once for an endpoint.
RECORDS = 500
# After this many records of other events, the position is saved.
UNSAVED_RECORDS = 100
# Deliveries that are due and among which those to send are chosen.
CANDIDATES = 2000
# Tables, because the sender's updates are no changes of an endpoint and leave its version.
ENDPOINTS, DELIVERIES = cast(Table, Endpoint.__table__), cast(Table, Delivery.__table__)


@dataclass(frozen=True)
class DueDelivery:
    """A delivery to send now. `number` counts the attempts from 1."""

    seq: int
    id: UUID
    endpoint_id: UUID
    subject_id: UUID
    number: int
    body: str


def active_endpoints() -> list[Endpoint]:
    query = select(Endpoint).where(Endpoint.deleted_at.is_(None), Endpoint.paused_at.is_(None))
    return list(db.session.scalars(query.order_by(Endpoint.id), execution_options={"populate_existing": True}))


def add_deliveries(endpoints: Iterable[Endpoint]) -> bool:
    """Add a delivery for each new audit record that an endpoint chose. Return whether there are more records."""
    end = end_of_trail()
    behind = [endpoint.id for endpoint in endpoints if endpoint.position != end]
    return sum(_add_deliveries(endpoint_id) for endpoint_id in behind) > 0


def due_deliveries(endpoint_id: UUID, *, limit: int, taken: Collection[int]) -> list[DueDelivery]:
    """Return deliveries to send now, none of `taken`. Those that have been due for longest are chosen.

    Deliveries about one subject are sent one after the other: while one waits, those after it are not due.
    """
    chosen = list(db.session.scalars(_select_due(endpoint_id, taken).limit(limit)))
    if not chosen:
        return []
    query = select_payloads(Delivery.seq, Delivery.attempts).where(Delivery.seq.in_(chosen))
    rows = db.session.execute(query.order_by(Delivery.seq))
    return [DueDelivery(row.seq, row.id, endpoint_id, row.subject_id, row.attempts + 1, body_of(row)) for row in rows]


def _select_due(endpoint_id: UUID, taken: Collection[int]) -> Select[int]:
    """Select the numbers of deliveries that are due and the first about their subject."""
    columns = (Delivery.seq, Delivery.subject_id, Delivery.next_attempt_at)
    waiting = (
        select(*columns)
        .where(Delivery.endpoint_id == endpoint_id, Delivery.next_attempt_at <= now(), Delivery.seq.not_in(taken))
        .order_by(Delivery.next_attempt_at, Delivery.seq)
        # Without fresh statistics, PostgreSQL would look for earlier deliveries of everything that waits.
        .limit(CANDIDATES)
        .subquery()
    )
    other = aliased(Delivery)
    first = select(func.min(other.seq)).where(
        other.endpoint_id == endpoint_id, other.subject_id == waiting.c.subject_id, other.next_attempt_at.is_not(None)
    )
    due = select(waiting.c.seq).where(waiting.c.seq == first.scalar_subquery())
    return due.order_by(waiting.c.next_attempt_at, waiting.c.seq)


@transaction()
def _add_deliveries(endpoint_id: UUID) -> bool:
    endpoint = db.session.get_one(Endpoint, endpoint_id, with_for_update=True, populate_existing=True)
    records, position = next_records(endpoint.position, RECORDS)
    chosen = set(endpoint.events)
    moment = now()
    values = [
        {
            "id": new_id(),
            "endpoint_id": endpoint_id,
            "record_id": record.id,
            "event": record.action,
            "subject_id": record.subject_id,
            "created_at": moment,
            "next_attempt_at": moment,
        }
        for record in records
        if record.action in chosen
    ]
    if values:
        db.session.execute(insert(DELIVERIES), values)
    if values or len(records) >= UNSAVED_RECORDS:
        db.session.execute(update(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id).values(position=position))
    return len(records) == RECORDS
