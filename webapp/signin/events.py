"""Records failed attempts, refusals and delays, for known and unknown accounts alike."""

from __future__ import annotations

import contextlib
from uuid import UUID

from sqlalchemy.exc import OperationalError

from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.signin.models import ADDRESS_MAX, AGENT_MAX, EventKind, SecurityEvent


def record_event(kind: EventKind, *, user_id: UUID | None, address: str, agent: str) -> None:
    """Record an event in a transaction of its own. Skip it if the database is locked: sign-ins go on."""
    event = SecurityEvent(kind=kind, user_id=user_id, address=address[:ADDRESS_MAX], agent=agent[:AGENT_MAX])
    with contextlib.suppress(OperationalError), transaction():
        db.session.add(event)
