"""Records failed attempts, refusals and delays, for known and unknown accounts alike."""

from __future__ import annotations

import contextlib
import time
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, insert, select
from sqlalchemy.exc import OperationalError

from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, EventKind, SecurityEvent


def record_event(kind: EventKind, *, user_id: UUID | None, address: str, agent: str) -> None:
    """Record an event in a transaction of its own. Skip it if the database is locked: sign-ins go on.

    One event is written at a time, so that `seq` grows in the order of the commits.
    """
    values = {"kind": kind, "user_id": user_id, "address": address[:ADDRESS_MAX], "agent": agent[:AGENT_MAX]}
    with contextlib.suppress(OperationalError), transaction():
        advisory_lock("security_events")
        db.session.execute(insert(SecurityEvent).values(seq=_next_seq(), **values))


def _next_seq() -> ColumnElement[int]:
    """Select the microseconds since 1970, or the largest number and one if that is larger.

    A number of a deleted event must not return, because readers of the event stream are past it.
    """
    moment, newest = time.time_ns() // 1000, func.coalesce(func.max(SecurityEvent.seq), 0)
    return select(case((newest < moment, moment), else_=newest + 1)).correlate(None).scalar_subquery()
