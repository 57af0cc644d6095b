"""Named reads of the push."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.audit.models import AuditHead
from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.event_stream.cursors import SECURITY, Position
from webapp.event_stream.push.models import ONLY_ROW, EventPush
from webapp.event_stream.queries import read_events
from webapp.signin.models import SecurityEvent


@dataclass(frozen=True)
class Lag:
    """How many events the target does not have yet, and the time of the first of them."""

    events: int
    since: datetime | None


def find_push() -> EventPush | None:
    return db.session.get(EventPush, ONLY_ROW, populate_existing=True)


def get_push() -> EventPush:
    """Raise NotFound if there is no target."""
    push = find_push()
    if push is None:
        raise NotFound(_("Events are not sent to another system"))
    return push


def lag_of(push: EventPush) -> Lag:
    """Takes at most five statements. Numbers of a shard have no gaps."""
    position = Position.parse(push.cursor)
    heads = db.session.execute(select(AuditHead.shard, AuditHead.seq))
    records = sum(max(seq - position.seqs[shard], 0) for shard, seq in heads)
    is_new = SecurityEvent.seq > position.seqs[SECURITY]
    count = records + (db.session.scalar(select(func.count()).select_from(SecurityEvent).where(is_new)) or 0)
    first = read_events(position, 1).items if count else ()
    return Lag(count, first[0].at if first else None)


def received_security_seq() -> int | None:
    """Return the number of the last security event that the target has, or None if there is no target."""
    cursor = db.session.scalar(select(EventPush.cursor))
    return Position.parse(cursor).seqs[SECURITY] if cursor else None
