"""How long security events are kept, and what other systems that read them still need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from webapp.core.context import current_registry, current_settings
from webapp.signin.models import SecurityEvent

# Besides SECURITY_EVENT_DAYS, so that an attacker cannot fill the database.
EVENTS_OF_PERSON = 100
EVENTS_OF_NOBODY = 1000
# Events that a reader does not have yet are kept for longer, but not for ever.
UNREAD_DAYS_MAX = 30
UNREAD_MAX = 100_000


class EventReaders(list[Callable[[], int | None]]):
    """Functions that return the number (`seq`) of the last event that a reader has, or None if there is no reader."""


def deletable_events(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that an event is too old or beyond the limits, and that no reader still needs it."""
    deletable = or_(_older_than(moment, current_settings().security_event_days), _beyond_limits())
    read = [seq for reader in current_registry().get(EventReaders) if (seq := reader()) is not None]
    if not read:
        return deletable
    is_read = or_(SecurityEvent.seq.is_(None), SecurityEvent.seq <= min(read))
    return and_(deletable, or_(is_read, _older_than(moment, UNREAD_DAYS_MAX), _beyond_unread(min(read))))


def _older_than(moment: datetime, days: int) -> ColumnElement[bool]:
    return SecurityEvent.at < moment - timedelta(days=days)


def _beyond_limits() -> ColumnElement[bool]:
    place = func.row_number().over(partition_by=SecurityEvent.user_id, order_by=SecurityEvent.id.desc())
    ranked = select(SecurityEvent.id, SecurityEvent.user_id, place.label("place")).subquery()
    most = case((ranked.c.user_id.is_(None), EVENTS_OF_NOBODY), else_=EVENTS_OF_PERSON)
    return SecurityEvent.id.in_(select(ranked.c.id).where(ranked.c.place > most))


def _beyond_unread(read: int) -> ColumnElement[bool]:
    """Return the condition that an event is not among the newest UNREAD_MAX that the slowest reader does not have."""
    unread = select(SecurityEvent.seq).where(SecurityEvent.seq > read).order_by(SecurityEvent.seq.desc())
    return SecurityEvent.seq <= unread.offset(UNREAD_MAX).limit(1).scalar_subquery()
