"""Reads the audit trail for an endpoint. The audit record of a change is the outbox row: it is in its transaction.

A writer locks its shard until it commits, so the numbers of a shard become visible in their order, and a position never
skips a record that is committed later (docs/design/event-stream.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Row, literal, select, union_all

from webapp.audit.models import AuditHead, AuditRecord
from webapp.audit.services import SHARDS
from webapp.db.session import db


def end_of_trail() -> list[int]:
    """Return the position after all records that are committed now."""
    heads = {row.shard: row.seq for row in db.session.execute(select(AuditHead.shard, AuditHead.seq))}
    return [heads.get(shard, 0) for shard in range(SHARDS)]


def next_records(position: Sequence[int], limit: int) -> tuple[list[Row[Any]], list[int]]:
    """Return at most `limit` records after `position`, the oldest first, and the position after them.

    A row has `id`, `action` and `subject_id`.
    """
    parts = [_records(shard, seq, limit).subquery() for shard, seq in enumerate(position)]
    shards: list[list[Row[Any]]] = [[] for _shard in position]
    for row in db.session.execute(union_all(*(select(part) for part in parts))):
        shards[row.shard].append(row)
    for rows in shards:
        rows.sort(key=lambda row: row.seq)
    # Each shard in the order of its numbers. IDs, which hold the time, can be in another order there.
    found = list(islice(merge(*shards, key=lambda row: row.id), limit))
    after = list(position)
    for row in found:
        after[row.shard] = row.seq
    return found, after


def _records(shard: int, seq: int, limit: int) -> Any:
    columns = (AuditRecord.seq, AuditRecord.id, AuditRecord.action, AuditRecord.subject_id)
    query = select(literal(shard).label("shard"), *columns).where(AuditRecord.shard == shard, AuditRecord.seq > seq)
    return query.order_by(AuditRecord.seq).limit(limit)
