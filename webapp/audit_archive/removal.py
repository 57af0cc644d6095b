"""Removes archived records from the database, in short transactions that no writer waits for."""

from __future__ import annotations

import time
from functools import partial
from uuid import UUID

from sqlalchemy import delete, func, select, update

from webapp.audit.archive_models import AuditArchive
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.audit_archive.locks import in_short_transaction
from webapp.core.clock import now
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import yield_to_writers

# Records of a transaction. On SQLite, everyone who writes waits for it.
BATCH_SIZE = {"postgresql": 5000, "sqlite": 500}


def remove_records(archive_id: UUID) -> None:
    """Remove all records of a sealed archive that are still there. It can be interrupted and called again."""
    ends = db.session.scalars(select(AuditArchive.ends).where(AuditArchive.id == archive_id)).one()
    for shard, (end, _hash) in ends.items():
        while True:
            began = time.perf_counter()
            if not in_short_transaction(partial(remove_batch, int(shard), int(end))):
                break
            yield_to_writers(time.perf_counter() - began)
    in_short_transaction(lambda: _finish(archive_id))


def remove_batch(shard: int, end: int) -> bool:
    """Remove the oldest records of the shard up to number `end`. Return False if there are none.

    Numbers of a shard have no gaps. So a range of the index (shard, seq) has as many rows as numbers.
    """
    first = db.session.scalar(select(func.min(AuditRecord.seq)).where(AuditRecord.shard == shard))
    if first is None or first > end:
        return False
    last = min(first + BATCH_SIZE[db.engine.dialect.name] - 1, end)
    chosen = (AuditRecord.shard == shard, AuditRecord.seq.between(first, last))
    of_them = AuditDetails.record_id.in_(select(AuditRecord.id).where(*chosen))
    db.session.execute(delete(AuditDetails).where(of_them), execution_options=NO_SYNC)
    db.session.execute(delete(AuditRecord).where(*chosen), execution_options=NO_SYNC)
    return True


def _finish(archive_id: UUID) -> None:
    finished = update(AuditArchive).where(AuditArchive.id == archive_id).values(finished_at=now())
    db.session.execute(finished, execution_options=NO_SYNC)
