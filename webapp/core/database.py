"""The database session, the base of all models, transactions, and how both engines are set up."""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.core.clock import now
from webapp.core.prepared import init_prepared

# An error tells the statement, never the values: a password hash may be among them.
QUIET: dict[str, Any] = {"hide_parameters": True}
POOL = {"pool_size": 5, "max_overflow": 2, "pool_timeout": 5}
# A connection that nobody used for so long is asked whether it is still there before it is used. Asking each time, as
# `pool_pre_ping` does, costs every request a round trip, and one that writes two.
IDLE_SECONDS = 1
POSTGRESQL_OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
    # Compiling a statement takes longer than any of ours runs; and with the 4 MB of the default a search with many hits
    # remembers whole pages instead of rows, and reads six rows for one.
    " -c jit=off -c work_mem=16MB"
    # What is asked for often lies in memory: told of a disk that turns, as by default, PostgreSQL would rather
    # read all of a table of ten thousand people than look up three hundred.
    " -c random_page_cost=1.5"
)
SQLITE_PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000")
# What POSTGRESQL_OPTIONS say of every statement, for those of a request; the execution option gives one more.
SQLITE_SECONDS = 5
SECONDS = "seconds"
# So many steps of SQLite's machine lie between two looks at the clock: under a thousandth of a second.
_STEPS = 10_000
GIVE_WAY_MAX = 0.11
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_QUEUES = ("before_commit", "after_commit")

T = TypeVar("T")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, UTC text on SQLite, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """None on PostgreSQL, whose moments are aware: a list has hundreds of them."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class JsonText(TypeDecorator[Any]):
    """JSON that is kept to the letter, so that its hash stays the same; PostgreSQL's own types rewrite it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value or "null")


json_text: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def Key(length: int) -> String:  # noqa: N802  reads as a column type
    """A text that is compared and sorted byte by byte, the same on both engines whatever the database's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


@contextmanager
def transaction() -> Iterator[None]:
    """Commits at the end, or leaves no trace. Inside another one it is a savepoint. Also a decorator.

    The outermost one starts afresh: what was read before is read again inside, so that no
    decision rests on old rows (and SQLite can take its write lock at the beginning). After it,
    what it read and wrote stays as it was then, so that showing it needs no statement more.
    """
    session = db.session
    if session.info.get("in_transaction"):
        with _forgetting(session), session.begin_nested():
            yield
        return
    session.rollback()
    session.expire_all()
    session.info.update(in_transaction=True, before_commit=[], after_commit=[])
    try:
        session.connection(execution_options={"writes": True})
        yield
        _settle(session)
        session.commit()
        afterwards = session.info["after_commit"]
    except BaseException:
        session.rollback()
        raise
    finally:
        for name in ("in_transaction", *_QUEUES):
            session.info.pop(name, None)
    for work in afterwards:
        work()


def release() -> None:
    """Gives the connection back before what takes long and needs none; inside a transaction it stays."""
    if not db.session.info.get("in_transaction"):
        db.session.rollback()


def before_commit(work: Callable[[list[T]], object], item: T) -> None:
    """Runs `work` once, as the last thing before the outermost commit, with every item it was asked to do.

    Items of a nested transaction that fails are forgotten with everything else it did. What `work` locks is locked
    last, and only until the commit.
    """
    db.session.info["before_commit"].append((work, item))


def after_commit(work: Callable[[], object]) -> None:
    """Runs `work` once the outermost transaction has been committed, and never when it is rolled back."""
    db.session.info["after_commit"].append(work)


@contextmanager
def _forgetting(session: Any) -> Iterator[None]:
    """What a savepoint that fails asked to be done before or after the commit is not done."""
    lengths = {name: len(session.info[name]) for name in _QUEUES}
    try:
        yield
    except BaseException:
        for name, length in lengths.items():
            del session.info[name][length:]
        raise


def _settle(session: Any) -> None:
    waiting = session.info["before_commit"]
    if waiting:
        # Rows are written, and their locks taken, before what works on the way out may lock.
        session.flush()
    while waiting:
        work = waiting[0][0]
        items = [item for other, item in waiting if other == work]
        waiting[:] = [pair for pair in waiting if pair[0] != work]
        work(items)


def give_way(held: float) -> None:
    """Between two writing transactions of long work, the first `held` seconds long: lets others write.

    SQLite knows no queue: whoever waits looks again every tenth of a second, and would find it locked each time.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(held / 2, GIVE_WAY_MAX))


def touch(model: Any, row_id: UUID) -> None:
    """Writes when a row was last used; that is no reason to fail when somebody else is writing."""
    with contextlib.suppress(OperationalError), transaction():
        db.session.execute(update(model).where(model.id == row_id).values(last_used_at=now()))


def constraint_of(error: IntegrityError) -> str:
    """The name of the refused constraint; on SQLite, which tells columns only, the name our convention gives it."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    message = str(error.orig)
    if message.startswith("UNIQUE constraint failed: "):
        columns = message.partition(": ")[2].split(", ")
        table = columns[0].partition(".")[0]
        return "_".join(["uq", table, *(column.partition(".")[2] for column in columns)])
    return message.rpartition(": ")[2]


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` gets for `url`: pool and timeouts."""
    if url.startswith("sqlite"):
        return QUIET | {"connect_args": {"timeout": 5}}
    return (
        QUIET
        | POOL
        | {"connect_args": {"connect_timeout": 3, "options": POSTGRESQL_OPTIONS}, "json_deserializer": _json}
    )


def _json(text: str) -> Any:
    """Most people have no attributes, and there are many of them in a list."""
    return {} if text == "{}" else json.loads(text)


def init_database(app: Flask) -> None:
    """Sets up our own engine, and no other that libraries of this process make."""
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", _on_connect)
        event.listen(db.engine, "begin", _on_begin)
        init_prepared(db.engine)
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "before_cursor_execute", _on_statement)
            event.listen(db.engine, "checkin", lambda _connection, record: record.info["limit"].lift())
        if db.engine.dialect.name == "postgresql":
            dialect = db.engine.dialect
            event.listen(db.engine, "checkin", _on_checkin)
            event.listen(db.engine, "checkout", lambda *given: _on_checkout(dialect, *given))


class _Limit:
    """When SQLite has to give up what it is doing."""

    def __init__(self) -> None:
        self.lift()

    def lift(self) -> None:
        self.set(math.inf)

    def set(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def is_over(self) -> bool:
        return time.monotonic() >= self.until


def _on_statement(connection: Connection, *given: Any) -> None:
    """Of a request: jobs, commands and migrations take their time."""
    *_of_statement, context, _many = given
    seconds = context.execution_options.get(SECONDS, SQLITE_SECONDS) if has_request_context() else math.inf
    connection.info["limit"].set(seconds)


def _on_connect(connection: Any, record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    record.info["limit"] = limit = _Limit()
    connection.set_progress_handler(limit.is_over, _STEPS)
    # The driver's own BEGINs break savepoints; ours come from _on_begin.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_checkin(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()
    if connection is not None and not connection.closed:
        connection.autocommit = False


def _on_checkout(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """When one is gone, the pool makes all of them anew."""
    if time.monotonic() - record.info.get("idle_since", math.inf) < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except connection.Error:
        raise InvalidatePoolError from None


def _on_begin(connection: Connection) -> None:
    """What a request reads outside `transaction` it reads on PostgreSQL without one.

    At READ COMMITTED it sees the same, and saves two round trips; nothing waits in a transaction while a page is made.
    """
    writes = connection.get_execution_options().get("writes")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif has_request_context():
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = not writes


def lock(name: str) -> None:
    """Waits until no other transaction holds the lock `name`; it is held until this transaction ends.

    On SQLite a writing transaction holds the whole database already.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
