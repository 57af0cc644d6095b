"""Sends the next events in order, and keeps the position. No transaction is open while the network is waited for.

One worker sends at a time: the one whose lease is in the row. It commits the new position after the target has
received the events, and only if it still has the lease. After a crash between the two, events are sent again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, or_, update

from webapp.core.clock import now
from webapp.core.ids import new_id
from webapp.core.sealing import NotReadable, unseal
from webapp.db.session import db
from webapp.db.transactions import release_connection, transaction
from webapp.event_stream.cursors import Position
from webapp.event_stream.push.addresses import Target
from webapp.event_stream.push.models import ERROR_MAX, ONLY_ROW, EventPush
from webapp.event_stream.push.queries import find_push, get_push
from webapp.event_stream.queries import EventPage, read_events
from webapp.event_stream.schemas import EventOut
from webapp.jobs.leases import thread_holder

BATCH = 200
# Longer than a delivery takes at most.
LEASE = timedelta(seconds=60)
WAIT_MIN, WAIT_MAX = timedelta(seconds=5), timedelta(minutes=10)
TEST_TYPE = "event_push.test"

log = structlog.get_logger("rollcall.events")


class _LeaseLost(Exception):
    """Another worker sends now, or the target was removed."""


def push_events() -> None:
    """Send everything that the target does not have yet, and the test event that a person asked for.

    Do nothing if there is no target, if another worker sends, or before the time of the next attempt.
    """
    push, holder = find_push(), thread_holder()
    if push is None or not _has_work(push) or not _acquire(holder):
        release_connection()
        return
    try:
        _send_test(holder)
        while _send_page(holder):
            pass
        _update(holder, lease_holder=None, lease_until=None)
    except _LeaseLost:
        return


def send_test() -> str | None:
    """Send a test event now. Return why the target did not receive it, or None."""
    push = get_push()
    try:
        _deliver(push, [_test_event()])
    except Exception as error:  # noqa: BLE001  whatever went wrong is the result of the test
        return _reason(error)
    return None


def _has_work(push: EventPush) -> bool:
    if push.test_requested_at:
        return True
    is_waiting = push.paused_at or (push.next_attempt_at and push.next_attempt_at > now())
    return not is_waiting and bool(read_events(Position.parse(push.cursor), 1).items)


def _send_test(holder: str) -> None:
    push = find_push()
    if push and push.test_requested_at:
        error = send_test()
        _update(holder, test_requested_at=None, tested_at=now(), test_error=error)


def _send_page(holder: str) -> bool:
    """Return whether there are more events to send now."""
    push = find_push()
    if push is None or push.paused_at or (push.next_attempt_at and push.next_attempt_at > now()):
        return False
    page = read_events(Position.parse(push.cursor), BATCH)
    if not page.items:
        return False
    cursor, failures = push.cursor, push.failures
    try:
        _deliver(push, [EventOut.of(event).model_dump(mode="json") for event in page.items])
    except Exception as error:  # noqa: BLE001  the row keeps the error, whatever it is
        _record_failure(holder, failures + 1, _reason(error))
        return False
    _record_success(holder, cursor, page)
    return page.more


def _deliver(push: EventPush, events: list[dict[str, Any]]) -> None:
    from webapp.event_stream.push.delivery import deliver  # noqa: PLC0415  httpx, which only workers need

    authorization = unseal(push.sealed_authorization) if push.sealed_authorization else ""
    target = Target(push.address, authorization)
    release_connection()
    deliver(target, events)


def _record_success(holder: str, cursor: str, page: EventPage) -> None:
    values = {"cursor": str(page.position), "sent": EventPush.sent + len(page.items), "last_sent_at": now()}
    values |= {"failures": 0, "last_error": None, "next_attempt_at": None, "lease_until": now() + LEASE}
    _update(holder, EventPush.cursor == cursor, **values)


def _record_failure(holder: str, failures: int, reason: str) -> None:
    wait = min(WAIT_MIN * 2 ** min(failures - 1, 10), WAIT_MAX)
    log.warning("event_push.failed", failures=failures, error=reason)
    _update(holder, failures=failures, last_error=reason, last_failed_at=now(), next_attempt_at=now() + wait)


def _acquire(holder: str) -> bool:
    is_free = or_(EventPush.lease_until.is_(None), EventPush.lease_until <= now())
    try:
        _write(is_free, lease_holder=holder, lease_until=now() + LEASE)
    except _LeaseLost:
        return False
    return True


def _update(holder: str, condition: ColumnElement[bool] | None = None, **values: Any) -> None:
    """Raise _LeaseLost if this worker is not the one that sends, or the row is not as expected."""
    held = EventPush.lease_holder == holder
    _write(held if condition is None else and_(held, condition), **values)


def _write(condition: ColumnElement[bool], **values: Any) -> None:
    with transaction():
        statement = update(EventPush).where(EventPush.id == ONLY_ROW, condition).values(**values)
        result = db.session.connection().execute(statement)
    if not result.rowcount:
        raise _LeaseLost


def _test_event() -> dict[str, Any]:
    empty = dict.fromkeys(EventOut.model_fields)
    own = {"id": str(new_id()), "source": "test", "type": TEST_TYPE, "at": now().isoformat(), "changes": {}}
    return empty | own


def _reason(error: Exception) -> str:
    if isinstance(error, NotReadable):
        return "The header Authorization cannot be decrypted. Enter it again."
    return (str(error) or type(error).__name__)[:ERROR_MAX]
