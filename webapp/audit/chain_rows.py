"""Reads the audit trail for its verification: from one snapshot, in batches, in the text form that was hashed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, Text, Uuid, func, select, type_coerce
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


def record_batches(connection: Connection) -> Iterator[Sequence[Any]]:
    """Yield all records by shard and seq, in batches.

    A row has the values of RECORD_COLUMNS and HASHED_DETAILS, then the hash of redacted details, as the driver returns
    them.
    """
    statement = _all_records(postgresql=connection.dialect.name == "postgresql")
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
