"""Filling an empty database with demo people, as fast as the engine takes them, in one transaction: all or nothing."""

from __future__ import annotations

import io
import multiprocessing
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from webapp.audit.chain import DETAILS_COLUMNS, RECORD_COLUMNS, Row
from webapp.audit.models import AuditHead
from webapp.audit.services import SHARDS
from webapp.audit.writing import with_json_fields
from webapp.core.clock import now
from webapp.core.errors import Refused
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.demo.groups import fill_groups
from webapp.demo.people import (
    BATCH,
    HEAD_COLUMNS,
    SPAN,
    USER_COLUMNS,
    Crowd,
    copied,
    head,
)
from webapp.setup.services import create_first_owner
from webapp.users.models import User
from webapp.users.queries import any_user_exists

COUNT_MAX = 10_000_000
OWNER_EMAIL = "demo@example.com"
OWNER_NAME = "Ольга Смирнова"
# From so many rows on, making the indexes anew is faster than keeping them up to date row by row.
BULK = 50_000
PROCESSES = min(2, os.cpu_count() or 1)
TABLES = {
    "users": USER_COLUMNS,
    "audit_records": RECORD_COLUMNS,
    "audit_details": DETAILS_COLUMNS,
    "audit_heads": HEAD_COLUMNS,
}
ANALYZED = (*TABLES, "memberships", "role_grants", "groups")

# What is being done, and how many people are in.
Progress = Callable[[str, int], None]


# On SQLite, what the triggers of `users` would have done of each row. The owner is indexed already.
INDEXED_BY_NOW = (
    "INSERT INTO users_search_ids_sqlite (user_id)"
    " SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM users_search_ids_sqlite)"
)
INDEX_THE_REST = (
    "INSERT INTO users_search_sqlite (rowid, search_text)"
    " SELECT entry, search_text FROM users JOIN users_search_ids_sqlite ON user_id = id WHERE entry > 1"
)


@dataclass(frozen=True)
class Owner:
    """Who may sign in to the demo; the password is told once and kept nowhere."""

    email: str
    password: str


def fill(count: int, *, by: Actor, progress: Progress = lambda _step, _done: None) -> Owner:
    """`count` people and one owner. Raises Refused, and changes nothing, when there is any user.

    Everybody has a trail of changes; above 200,000 people every n-th has one, so that there are about as many.
    On PostgreSQL from 50,000 people on, others wait until it is done: the indexes are dropped and made again.
    """
    if any_user_exists():
        raise Refused(_("You can add demo data only when Rollcall has no users"), code="not_empty")
    password, nobodys = secrets.token_urlsafe(18), hash_password(secrets.token_urlsafe(32))
    until = now()
    with transaction():
        owner_id = create_first_owner(email=OWNER_EMAIL, name=OWNER_NAME, password=password, by=by).id
        _backdate(owner_id, to=until - SPAN)
        crowd = Crowd(count, until, nobodys, owner_id.hex, OWNER_NAME, _first_shard())
        connection = db.session.connection()
        raw: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            _fill_postgresql(raw, crowd, progress)
        else:
            _fill_sqlite(raw, crowd, progress)
        progress("groups", count)
        fill_groups(count, by=by, bulk=count >= BULK)
    if db.engine.dialect.name == "postgresql":
        progress("statistics", count)
        _analyze()
    return Owner(OWNER_EMAIL, password)


def _backdate(owner_id: UUID, *, to: datetime) -> None:
    """The owner was there before everyone they made; their own record says when they really were made."""
    db.session.execute(update(User).where(User.id == owner_id).values(created_at=to, updated_at=to))


def _first_shard() -> int:
    """Beyond those that writers choose among, and those of people who were here before."""
    return max(db.session.scalar(select(func.max(AuditHead.shard))) or 0, SHARDS - 1) + 1


def _fill_sqlite(connection: Any, crowd: Crowd, progress: Progress) -> None:
    inserts = {
        table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  our own names
        for table, columns in TABLES.items()
    }
    rebuild = _set_aside(connection) if crowd.count >= BULK else []
    for batch in crowd.batches:
        chain = crowd.chain(batch)
        rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        for user, trail in crowd.rows(batch, chain):
            rows["users"].append(user)
            rows["audit_records"] += [with_json_fields(record) for record, _details in trail]
            rows["audit_details"] += [details for _record, details in trail]
        if chain.seq:
            rows["audit_heads"].append(head(chain))
        for table, insert in inserts.items():
            connection.executemany(insert, rows[table])
        progress("people", min((batch + 1) * BATCH, crowd.count))
    if rebuild:
        progress("search index", crowd.count)
        connection.execute(INDEXED_BY_NOW)
        connection.execute(INDEX_THE_REST)
    for name, statement in rebuild:
        progress(name, crowd.count)
        connection.execute(statement)


def _set_aside(connection: Any) -> list[tuple[str, str]]:
    """Drops the indexes and triggers of the tables; returns each with what makes it again."""
    names = ", ".join("?" * len(TABLES))
    parts = (
        f"SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'table' AND tbl_name IN ({names})"  # noqa: S608  question marks only
    )
    found = connection.execute(parts, list(TABLES)).fetchall()
    for kind, name, _sql in found:
        connection.execute(f"DROP {kind} {name}")
    return [(name, sql) for _kind, name, sql in found]


def _fill_postgresql(connection: Any, crowd: Crowd, progress: Progress) -> None:
    copies = {table: f"COPY {table} ({', '.join(columns)}) FROM STDIN" for table, columns in TABLES.items()}
    with connection.cursor() as cursor:
        _take_time(cursor)
        rebuild = _dropped_indexes(cursor) if crowd.count >= BULK else []
        for batch, texts in enumerate(_made_ahead(crowd)):
            for table, copy in copies.items():
                cursor.copy_expert(copy, io.BytesIO(texts[table]))
            progress("people", min((batch + 1) * BATCH, crowd.count))
        for name, statement in rebuild:
            progress(name, crowd.count)
            cursor.execute(statement)


def _take_time(cursor: Any) -> None:
    """Until the end of this transaction: no time limits, and memory to build indexes in."""
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")


def _dropped_indexes(cursor: Any) -> list[tuple[str, str]]:
    """Drops all indexes and unique constraints but the primary keys; returns each with what makes it again.

    They are read from the catalogue and not from the models: what was there comes back, whoever made it.
    """
    rebuild = []
    for table in TABLES:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'u' ORDER BY 1",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            rebuild.append((name, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary ORDER BY 1",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            rebuild.append((name, definition))
    return rebuild


def _made_ahead(crowd: Crowd) -> Iterator[dict[str, bytes]]:
    """The batches of `crowd` in turn; a large one is made by other processes, a few batches ahead."""
    if crowd.count < BULK:
        yield from (copied(crowd, batch) for batch in crowd.batches)
        return
    with _processes() as pool:
        ahead: deque[Future[dict[str, bytes]]] = deque()
        for batch in crowd.batches:
            ahead.append(pool.submit(copied, crowd, batch))
            if len(ahead) > 2 * PROCESSES:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


@contextmanager
def _processes() -> Iterator[ProcessPoolExecutor]:
    # Spawned, not forked: a forked process would hold this one's database connections.
    pool = ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _analyze() -> None:
    """What autovacuum would do some minutes later: without it the first lists are planned blindly."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM (ANALYZE) " + ", ".join(ANALYZED))
        connection.exec_driver_sql("RESET statement_timeout")
