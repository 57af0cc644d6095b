"""What the sender reads and writes: new deliveries from the audit trail, those that are due, and how attempts ended."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.webhooks.failures import pause_failing
from webapp.webhooks.feed import end_of_trail, next_records
from webapp.webhooks.models import ONLY_ROW, Delivery, Endpoint, SenderLease
from webapp.webhooks.payloads import body_of, select_payloads

# Waits after each failed attempt: 71 hours and 36 minutes together.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 64800, 79200))
# Each wait is longer by up to this share, so that failed deliveries do not all return at once.
JITTER = 0.1
LEASE = timedelta(seconds=30)
# Audit records that are read at once for an endpoint.
RECORDS = 500
# After this many records of other events, the position is saved.
UNSAVED_RECORDS = 100
GONE = 410
# Deliveries that are due and among which those to send are chosen.
CANDIDATES = 2000
# Tables, because the sender's updates are no changes of an endpoint and leave its version.
ENDPOINTS, DELIVERIES = cast(Table, Endpoint.__table__), cast(Table, Delivery.__table__)
_SAVED = ("attempts", "attempted_at", "milliseconds", "status", "answer", "error", "next_attempt_at", "delivered_at")
_SAVE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.seq == bindparam("of_seq"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)


@dataclass(frozen=True)
class DueDelivery:
    """A delivery to send now. `number` counts the attempts from 1."""

    seq: int
    id: UUID
    endpoint_id: UUID
    subject_id: UUID
    number: int
    body: str


@dataclass(frozen=True)
class Attempt:
    """How an attempt ended. `status` is None if there was no answer, and `error` says why.

    `retry_after`: what the receiver asked for in `Retry-After`.
    """

    delivery: DueDelivery
    at: datetime
    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: timedelta = timedelta()

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


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
def save_attempts(attempts: Sequence[Attempt]) -> None:
    """Save how attempts ended, and when the next ones follow. Pause endpoints that have failed for a week."""
    db.session.connection().execute(_SAVE, [_values(attempt) for attempt in attempts])
    for attempt in attempts:
        if not attempt.succeeded:
            _postpone_later_ones(attempt)
    _save_health(attempts)


def _values(attempt: Attempt) -> dict[str, object]:
    values = {
        "attempts": attempt.delivery.number,
        "attempted_at": attempt.at,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "answer": attempt.answer,
        "error": attempt.error,
        "next_attempt_at": None if attempt.succeeded else next_attempt(attempt),
        "delivered_at": attempt.at if attempt.succeeded else None,
    }
    return {"of_seq": attempt.delivery.seq} | {f"new_{name}": value for name, value in values.items()}


def next_attempt(attempt: Attempt) -> datetime | None:
    """Return when to try again, or None after the last attempt.

    A receiver can ask for a longer wait than planned, up to the longest one.
    """
    if attempt.delivery.number > len(WAITS):
        return None
    wait = max(WAITS[attempt.delivery.number - 1], min(attempt.retry_after, WAITS[-1]))
    return attempt.at + wait * (1 + JITTER * random.random())  # noqa: S311  not a secret


def _postpone_later_ones(attempt: Attempt) -> None:
    """Later deliveries about the same subject wait as well. So they need not be looked at until then."""
    delivery = attempt.delivery
    until = next_attempt(attempt) or attempt.at
    db.session.execute(
        update(DELIVERIES)
        .where(
            DELIVERIES.c.endpoint_id == delivery.endpoint_id,
            DELIVERIES.c.subject_id == delivery.subject_id,
            DELIVERIES.c.next_attempt_at < until,
            DELIVERIES.c.seq > delivery.seq,
        )
        .values(next_attempt_at=until)
    )


def _save_health(attempts: Sequence[Attempt]) -> None:
    """Save since when endpoints fail. One success ends that."""
    working = {attempt.delivery.endpoint_id for attempt in attempts if attempt.succeeded}
    failed = {attempt.delivery.endpoint_id: attempt for attempt in attempts if not attempt.succeeded}
    recovered = update(ENDPOINTS).where(ENDPOINTS.c.failing_since.is_not(None), ENDPOINTS.c.id.in_(working))
    db.session.execute(recovered.values(failing_since=None))
    for endpoint_id in sorted(failed.keys() - working):
        since = func.coalesce(ENDPOINTS.c.failing_since, failed[endpoint_id].at)
        db.session.execute(update(ENDPOINTS).where(ENDPOINTS.c.id == endpoint_id).values(failing_since=since))
        pause_failing(endpoint_id, gone=failed[endpoint_id].status == GONE)


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
