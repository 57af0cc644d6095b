"""How sealed records get into their tables: in few round trips, for every change pays for them.

The statements are SQLAlchemy's own, compiled once; the values are the texts that were hashed, which both engines read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Dialect, Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg2

from webapp.audit.chain import FIELDS, Chain, Row, around_seq, hash_of_details
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord
from webapp.db.types import json_text

# So many records are sent at a time.
PAGE = 100


@dataclass(frozen=True)
class _Statements:
    lock: str
    begin: str
    record: str
    details: str
    move: str


# One record, as most transactions write: PostgreSQL locks the shard, hashes, inserts and moves the head at one go.
_ONE = """
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


def append(connection: Connection, shard: int, drafts: Sequence[tuple[Sequence[Any], Sequence[str]]]) -> None:
    """Adds records, each the values of SEALED and DETAILS, to `shard`, which is locked from now to the commit."""
    if len(drafts) == 1 and connection.dialect.name == "postgresql" and _append_one(connection, shard, *drafts[0]):
        return
    chain = _locked(connection, shard)
    rows = [chain.seal(sealed, details) for sealed, details in drafts]
    (_write_postgresql if connection.dialect.name == "postgresql" else _write_sqlite)(connection, chain, rows)


def _append_one(connection: Connection, shard: int, sealed: Sequence[Any], details: Sequence[str]) -> bool:
    """False when the shard has never had a record."""
    details_hash = hash_of_details(details)
    values = (shard, *around_seq(sealed, shard, details_hash), *sealed, details_hash, sealed[0], *details)
    return connection.exec_driver_sql(_ONE, values).rowcount == 1


def _locked(connection: Connection, shard: int) -> Chain:
    """The shard as it is now; nobody else adds to it until this transaction ends."""
    statements = _statements(connection.dialect.name)
    head = connection.exec_driver_sql(statements.lock, (shard,)).first()
    if head is None:
        # The first record of this shard ever; another writer may think the same in this instant.
        start = Chain(shard)
        connection.exec_driver_sql(statements.begin, (start.shard, start.seq, start.hash))
        head = connection.exec_driver_sql(statements.lock, (shard,)).one()
    return Chain(shard, head.seq, head.hash)


def _write_postgresql(connection: Connection, chain: Chain, rows: Sequence[tuple[Row, Row]]) -> None:
    statements = _statements("postgresql")
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        texts = ";".join([statements.record, statements.details] * len(page))
        connection.exec_driver_sql(texts, tuple(value for record, details in page for value in record + details))
    connection.exec_driver_sql(statements.move, (chain.seq, chain.hash, chain.shard))


def _write_sqlite(connection: Connection, chain: Chain, rows: Sequence[tuple[Row, Row]]) -> None:
    statements = _statements("sqlite")
    connection.exec_driver_sql(statements.record, [for_sqlite(record) for record, _details in rows])
    connection.exec_driver_sql(statements.details, [details for _record, details in rows])
    connection.exec_driver_sql(statements.move, (chain.seq, chain.hash, chain.shard))


def for_sqlite(record: Row) -> Row:
    """The row with its list as JSON."""
    return (*record[:FIELDS], json_text(record[FIELDS]), *record[FIELDS + 1 :])


@lru_cache
def _statements(engine: str) -> _Statements:
    records, details, heads = (cast(Table, model.__table__) for model in (AuditRecord, AuditDetails, AuditHead))
    of = heads.c.shard == bindparam("of")
    own = postgresql if engine == "postgresql" else sqlite
    return _Statements(
        lock=_compiled(select(heads.c.seq, heads.c.hash).where(of).with_for_update(), engine),
        begin=_compiled(own.insert(heads).on_conflict_do_nothing(), engine),
        record=_compiled(insert(records), engine),
        details=_compiled(insert(details), engine),
        move=_compiled(update(heads).where(of).values(seq=bindparam("seq"), hash=bindparam("hash")), engine),
    )


def _compiled(statement: ClauseElement, engine: str) -> str:
    kind, style = (psycopg2.dialect, "format") if engine == "postgresql" else (sqlite.dialect, "qmark")
    dialect: Dialect = cast(Any, kind)(paramstyle=style)
    return str(statement.compile(dialect=dialect))
