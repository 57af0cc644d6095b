"""Reads the audit trail for its verification: from one snapshot, in batches, in the text form that was hashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Select, Table, Text, Uuid, and_, func, not_, or_, select, type_coerce
from sqlalchemy import cast as cast_to
from sqlalchemy.types import NullType

from webapp.audit.chain import HASHED_DETAILS, RECORD_COLUMNS
from webapp.audit.findings import Head
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord, AuditRedaction
from webapp.db.types import Instant

BATCH_SIZE = 5000


def head_rows(connection: Connection) -> dict[int, Head]:
    rows = connection.execute(select(AuditHead.shard, AuditHead.seq, AuditHead.hash).order_by(AuditHead.shard))
    return {row.shard: Head(row.seq, row.hash) for row in rows}


class RedactionRow(NamedTuple):
    """A redaction with its actor and record. IDs are hexadecimal digits. The place is 0 if the record is archived."""

    actor_id: str | None
    record_id: str
    details_hash: str
    shard: int
    seq: int


def record_batches(connection: Connection, after: Mapping[int, Head] | None = None) -> Iterator[Sequence[Any]]:
    """Yield all records by shard and seq, in batches, but only those after `after`: shard → record.

    A row has the values of RECORD_COLUMNS and HASHED_DETAILS, then the hash of redacted details, as the driver returns
    them.
    """
    statement = _all_records(postgresql=connection.dialect.name == "postgresql")
    if after:
        shard, seq = AuditRecord.shard, AuditRecord.seq
        is_after = [and_(shard == each, seq > head.seq) for each, head in after.items()]
        statement = statement.where(or_(not_(shard.in_(list(after))), *is_after))
    yield from _streamed(connection, statement)


def shard_batches(connection: Connection, shard: int, first: int, last: int) -> Iterator[Sequence[Any]]:
    """Yield the records of a shard from number `first` to `last`, in batches, as `record_batches` does."""
    statement = _all_records(postgresql=connection.dialect.name == "postgresql")
    yield from _streamed(connection, statement.where(AuditRecord.shard == shard, AuditRecord.seq.between(first, last)))


def redaction_rows(connection: Connection) -> Iterator[RedactionRow]:
    """Yield all redactions, also those of archived records, by the ID of the actor and of the record."""
    actor = func.coalesce(AuditRedaction.actor_id, AuditRecord.actor_id)
    statement: Any = (
        select(actor, AuditRedaction.record_id, AuditRedaction.details_hash, AuditRecord.shard, AuditRecord.seq)
        .outerjoin(AuditRecord, AuditRecord.id == AuditRedaction.record_id)
        .order_by(actor, AuditRedaction.record_id)
    )
    for batch in _streamed(connection, statement):
        for actor_id, record_id, details_hash, shard, seq in batch:
            yield RedactionRow(actor_id and actor_id.hex, record_id.hex, details_hash, shard or 0, seq or 0)


def _streamed(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Any]]:
    streaming = connection.execution_options(stream_results=True, max_row_buffer=BATCH_SIZE)
    yield from cast(Iterator[Sequence[Any]], streaming.execute(statement).partitions(BATCH_SIZE))


def _all_records(*, postgresql: bool) -> Select[Any]:
    models = (AuditRecord, AuditDetails, AuditRedaction)
    records, details, redactions = (cast(Table, model.__table__) for model in models)
    columns: list[Any] = [records.c[name] for name in RECORD_COLUMNS] + [details.c[name] for name in HASHED_DETAILS]
    if postgresql:
        columns = [_hashed_text(column) for column in columns]
    columns.append(redactions.c.details_hash)
    joined = records.outerjoin(details, details.c.record_id == records.c.id)
    joined = joined.outerjoin(redactions, redactions.c.record_id == records.c.id)
    # NullType converts nothing: the check needs texts, not Python objects.
    unconverted: list[Any] = [type_coerce(column, NullType()) for column in columns]
    return select(*unconverted).select_from(joined).order_by(records.c.shard, records.c.seq)


def _hashed_text(column: Any) -> Any:
    """Return the column as the text that was hashed. PostgreSQL formats IDs and times in another way."""
    if isinstance(column.type, Uuid):
        return func.replace(cast_to(column, Text), "-", "")
    if isinstance(column.type, Instant):
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    return column
