"""How both engines are set up: their options, how long statements may take, when a connection is asked again."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.core.context import in_request
from webapp.db.prepared import init_prepared

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
TIME_LIMIT = "seconds"
# The execution option of a connection that will write.
WRITES = "writes"
# So many steps of SQLite's machine lie between two looks at the clock: under a thousandth of a second.
_STEPS = 10_000


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


def init_engine(engine: Engine) -> None:
    """Sets up our own engine, and no other that libraries of this process make."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "handle_error", _remove_values)
    init_prepared(engine)
    if engine.name == "sqlite":
        event.listen(engine, "before_cursor_execute", _on_statement)
        event.listen(engine, "checkin", lambda _connection, record: record.info["limit"].lift())
    if engine.name == "postgresql":
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", lambda *given: _on_checkout(engine.dialect, *given))


def _remove_values(context: ExceptionContext) -> None:
    """Keep only PostgreSQL's primary message, so that an error can be logged and shown.

    DETAIL, CONTEXT and LINE quote rows and statements, a password hash among them. The primary message of a data
    exception (class 22) quotes the value.
    """
    error: Any = context.original_exception
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if not primary:
        return
    if (error.pgcode or "").startswith("22"):
        primary = re.sub('".*"', '"…"', primary, flags=re.DOTALL)
    full = str(error)
    error.args = (primary,)
    if context.sqlalchemy_exception is not None:
        wrapped = str(context.sqlalchemy_exception.args[0])
        context.sqlalchemy_exception.args = (wrapped.replace(full, primary),)


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
    seconds = context.execution_options.get(TIME_LIMIT, SQLITE_SECONDS) if in_request() else math.inf
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
    writes = connection.get_execution_options().get(WRITES)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif in_request():
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = not writes
