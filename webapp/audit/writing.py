"""Writes records and details into their tables, in few round trips, because every change waits for this.

SQLAlchemy compiles each statement once. The values are the hashed texts, which both engines accept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Dialect, Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg2

from webapp.audit.chain import (
    DETAILS_COLUMNS,
    FIELDS_INDEX,
    RECORD_COLUMNS,
    Chain,
    Row,
    hash_input_around_seq,
    hash_of_details,
)
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord
from webapp.db.copying import copied, copied_array, copy_text
from webapp.db.types import compact_json

# Records for each statement on PostgreSQL.
BATCH_SIZE = 100


@dataclass(frozen=True)
class _Statements:
    lock_head: str
    insert_head: str
    insert_record: str
    insert_details: str
    update_head: str


# Most transactions write one record. PostgreSQL locks the shard, hashes, inserts and updates the head in one statement.
_APPEND_ONE = """
WITH head AS (SELECT shard, seq + 1 AS seq, hash FROM audit_heads WHERE shard = %s FOR UPDATE),
chained AS (SELECT shard, seq, encode(sha256(convert_to(hash || %s || seq || %s, 'UTF8')), 'hex') AS hash FROM head),
record AS (
    INSERT INTO audit_records (id, at, action, actor_kind, actor_id, token_id, subject_kind, subject_id, request_id,
        fields, undoes_id, batch_id, shard, seq, details_hash, hash)
    SELECT %s::uuid, %s::timestamptz, %s, %s, %s::uuid, %s::uuid, %s, %s::uuid, %s,
        %s::text[], %s::uuid, %s::uuid, shard, seq, %s, hash FROM chained
),
details AS (
    INSERT INTO audit_details (record_id, actor_label, subject_label, address, changes, reason, salt)
    SELECT %s::uuid, %s, %s, %s, %s, %s, %s FROM chained
)
UPDATE audit_heads SET seq = chained.seq, hash = chained.hash FROM chained WHERE audit_heads.shard = chained.shard
"""


def append(connection: Connection, shard: int, records: Sequence[tuple[Sequence[Any], Sequence[str]]]) -> None:
    """Append records to `shard`, and lock the shard until the commit.

    A record is a pair: the values of HASHED_COLUMNS, and the values of HASHED_DETAILS.
    """
    postgresql = connection.dialect.name == "postgresql"
    if postgresql and len(records) == 1 and _append_one(connection, shard, *records[0]):
        return
    chain = _locked_chain(connection, shard)
    rows = [chain.append(hashed, details) for hashed, details in records]
    write = _write_postgresql if postgresql else _write_sqlite
    write(connection, chain, rows)


def with_json_fields(record: Row) -> Row:
    """Return the row as SQLite stores it, with the list of fields as JSON."""
    return (*record[:FIELDS_INDEX], compact_json(record[FIELDS_INDEX]), *record[FIELDS_INDEX + 1 :])


def _append_one(connection: Connection, shard: int, hashed: Sequence[Any], details: Sequence[str]) -> bool:
    """Return False if the shard has no head yet."""
    details_hash = hash_of_details(details)
    hash_input = hash_input_around_seq(hashed, shard, details_hash)
    values = (shard, *hash_input, *hashed, details_hash, hashed[0], *details)
    return connection.exec_driver_sql(_APPEND_ONE, values).rowcount == 1


def _locked_chain(connection: Connection, shard: int) -> Chain:
    statements = _statements(connection.dialect.name)
    head = connection.exec_driver_sql(statements.lock_head, (shard,)).first()
    if head is None:
        # Another transaction may insert the head at the same time. The insert ignores the conflict.
        start = Chain(shard)
        connection.exec_driver_sql(statements.insert_head, (start.shard, start.seq, start.hash))
        head = connection.exec_driver_sql(statements.lock_head, (shard,)).one()
    return Chain(shard, head.seq, head.hash)


def _write_postgresql(connection: Connection, chain: Chain, rows: Sequence[tuple[Row, Row]]) -> None:
    statements = _statements("postgresql")
    if len(rows) > BATCH_SIZE:
        _copy(connection, rows)
        rows = []
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        texts = ";".join([statements.insert_record, statements.insert_details] * len(batch))
        connection.exec_driver_sql(texts, tuple(value for record, details in batch for value in record + details))
    connection.exec_driver_sql(statements.update_head, (chain.seq, chain.hash, chain.shard))


def _copy(connection: Connection, rows: Sequence[tuple[Row, Row]]) -> None:
    writers = [copied_array if name == "fields" else copied for name in RECORD_COLUMNS]
    lines = ("\t".join([write(each) for write, each in zip(writers, row, strict=True)]) for row, _details in rows)
    copy_text(connection, "audit_records", RECORD_COLUMNS, lines)
    details_lines = ("\t".join(map(copied, details)) for _row, details in rows)
    copy_text(connection, "audit_details", DETAILS_COLUMNS, details_lines)


def _write_sqlite(connection: Connection, chain: Chain, rows: Sequence[tuple[Row, Row]]) -> None:
    statements = _statements("sqlite")
    connection.exec_driver_sql(statements.insert_record, [with_json_fields(record) for record, _details in rows])
    connection.exec_driver_sql(statements.insert_details, [details for _record, details in rows])
    connection.exec_driver_sql(statements.update_head, (chain.seq, chain.hash, chain.shard))


@lru_cache
def _statements(engine: str) -> _Statements:
    records, details, heads = (cast(Table, model.__table__) for model in (AuditRecord, AuditDetails, AuditHead))
    is_shard = heads.c.shard == bindparam("of")
    dialect = postgresql if engine == "postgresql" else sqlite
    new_head = update(heads).where(is_shard).values(seq=bindparam("seq"), hash=bindparam("hash"))
    return _Statements(
        lock_head=_compiled(select(heads.c.seq, heads.c.hash).where(is_shard).with_for_update(), engine),
        insert_head=_compiled(dialect.insert(heads).on_conflict_do_nothing(), engine),
        insert_record=_compiled(insert(records), engine),
        insert_details=_compiled(insert(details), engine),
        update_head=_compiled(new_head, engine),
    )


def _compiled(statement: ClauseElement, engine: str) -> str:
    dialect_class, style = (psycopg2.dialect, "format") if engine == "postgresql" else (sqlite.dialect, "qmark")
    dialect: Dialect = cast(Any, dialect_class)(paramstyle=style)
    return str(statement.compile(dialect=dialect))
