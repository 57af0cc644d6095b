"""Reads the event stream.

Each stream has numbers in the order of the commits: a writer locks its shard, or the security events, until it commits.
So no number below one that is visible can appear later, however long a transaction takes. The streams are merged by ID,
which holds the time. An event that was committed late comes after others that are newer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, union_all

from webapp.audit.archive_models import to_heads
from webapp.audit.archives import last_archive
from webapp.audit.models import AuditHead, AuditRecord
from webapp.audit.services import SHARDS
from webapp.db.session import db
from webapp.event_stream.cursors import SECURITY, STREAMS, Position
from webapp.signin.models import SecurityEvent

Event = AuditRecord | SecurityEvent


@dataclass(frozen=True)
class EventPage:
    """Events in order, the position after them, and whether there are more now."""

    items: Sequence[Event]
    position: Position
    more: bool


def read_events(position: Position, limit: int) -> EventPage:
    """Return at most `limit` events after `position`, in at most three statements; in one if there are none."""
    rows = list(islice(_merged(position, limit + 1), limit + 1))
    for row in rows[:limit]:
        position = position.after(row.stream, row.seq)
    return EventPage(_events(rows[:limit]), position, len(rows) > limit)


def first_position() -> Position:
    """Return the position before all events that are not archived."""
    archive = last_archive()
    heads = to_heads(archive.ends) if archive else {}
    return Position(tuple(heads[stream].seq if stream in heads else 0 for stream in range(STREAMS)))


def is_archived(position: Position) -> bool:
    """Return whether audit records after this position are archived, so that a reader would miss them."""
    return any(seq < first for seq, first in zip(position.seqs, first_position().seqs, strict=True))


def latest_position() -> Position:
    """Return the position after all events that are committed now."""
    newest: Any = select(literal(SECURITY), func.coalesce(func.max(SecurityEvent.seq), 0))
    heads: dict[int, int] = dict(
        map(tuple, db.session.execute(union_all(select(AuditHead.shard, AuditHead.seq), newest)))
    )
    return Position(tuple(heads.get(stream, 0) for stream in range(STREAMS)))


def _merged(position: Position, limit: int) -> Iterator[Row[Any]]:
    parts = [_ids(stream, seq, limit).subquery() for stream, seq in enumerate(position.seqs)]
    query = union_all(*(select(part.c.stream, part.c.seq, part.c.id) for part in parts))
    streams: list[list[Row[Any]]] = [[] for _stream in range(STREAMS)]
    for row in db.session.execute(query):
        streams[row.stream].append(row)
    for rows in streams:
        rows.sort(key=lambda row: row.seq)
    return merge(*streams, key=lambda row: row.id)


def _ids(stream: int, seq: int, limit: int) -> Select[Any]:
    """Select (stream, seq, id) of the next events of one stream."""
    model: Any = SecurityEvent if stream == SECURITY else AuditRecord
    query = select(literal(stream).label("stream"), model.seq, model.id).where(model.seq > seq)
    if stream < SHARDS:
        query = query.where(model.shard == stream)
    return query.order_by(model.seq).limit(limit)


def _events(rows: Sequence[Row[Any]]) -> list[Event]:
    """Return the events of these rows. A security event may have been deleted since."""
    found: dict[UUID, Event] = {}
    models: tuple[Any, Any] = (AuditRecord, SecurityEvent)
    for model in models:
        ids = [row.id for row in rows if (row.stream == SECURITY) == (model is SecurityEvent)]
        if ids:
            found |= {event.id: event for event in db.session.scalars(select(model).where(model.id.in_(ids)))}
    return [found[row.id] for row in rows if row.id in found]
