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

from webapp.audit.chain import FIELDS, Chain, Row
from webapp.audit.models import AuditDetails, AuditHead, AuditRecord
from webapp.core.database import json_text

# So many records are sent at a time.
PAGE = 100


@dataclass(frozen=True)
class _Statements:
    lock: str
    begin: str
    record: str
    details: str
    move: str


def locked_chain(connection: Connection, shard: int) -> Chain:
    """The shard as it is now; nobody else adds to it until this transaction ends."""
    statements = _statements(connection.dialect.name)
    head = connection.exec_driver_sql(statements.lock, (shard,)).first()
    if head is None:
        # The first record of this shard ever; another writer may think the same in this instant.
        start = Chain(shard)
        connection.exec_driver_sql(statements.begin, (start.shard, start.seq, start.hash))
        head = connection.exec_driver_sql(statements.lock, (shard,)).one()
    return Chain(shard, head.seq, head.hash)


def write(connection: Connection, chain: Chain, rows: Sequence[tuple[Row, Row]]) -> None:
    """Inserts what `chain` sealed, and moves its head."""
    statements = _statements(connection.dialect.name)
    move = (chain.seq, chain.hash, chain.shard)
    if connection.dialect.name == "postgresql":
        for start in range(0, len(rows), PAGE):
            page = rows[start : start + PAGE]
            both = [f"{statements.record};{statements.details}"] * len(page)
            connection.exec_driver_sql(";".join(both), tuple(v for record, details in page for v in record + details))
        connection.exec_driver_sql(statements.move, move)
        return
    connection.exec_driver_sql(statements.record, [for_sqlite(record) for record, _details in rows])
    connection.exec_driver_sql(statements.details, [details for _row, details in rows])
    connection.exec_driver_sql(statements.move, move)


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
