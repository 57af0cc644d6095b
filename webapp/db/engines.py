"""Options and event listeners of both engines: time limits, connection checks, transactions."""

from __future__ import annotations

import json
import math
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.core.context import in_request
from webapp.core.private_files import make_sqlite_private
from webapp.db.prepared import init_prepared
from webapp.db.watchdog import PING_SECONDS, TIME_LIMIT, Watchdog, init_watchdog

# Errors show the statement but not its parameters, which may be password hashes.
HIDE_PARAMETERS: dict[str, Any] = {"hide_parameters": True}
POOL = {"pool_size": 5, "max_overflow": 2, "pool_timeout": 3}
# A connection is checked before use if it was idle for this time. `pool_pre_ping` checks each time: one more round trip
# for each request, two if it writes.
IDLE_SECONDS = 1
POSTGRESQL_OPTIONS = (
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
    # JIT compilation takes longer than our statements run. With the default work_mem of 4 MB, the bitmap of a search
    # with many matches becomes lossy, and PostgreSQL reads six rows for each match.
    " -c jit=off -c work_mem=16MB"
    # Most data is in memory. The default of 4 is for hard disks: PostgreSQL would scan a table of 10,000 people instead
    # of looking up 300.
    " -c random_page_cost=1.5"
)
# Seconds, except the last, which is milliseconds. A host that is gone is noticed after 6 s with nothing sent, and after
# 6 s without an acknowledgement of what was sent. `db/watchdog.py` covers a host that only its process left silent.
CONNECT = {
    "connect_timeout": 3,
    "keepalives_idle": 2,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 6000,
}
SQLITE_PRAGMAS = ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000")
# The statement timeout of SQLite in requests, unless the statement has the option TIME_LIMIT.
SQLITE_SECONDS = 5
# The execution option of a connection for a transaction that writes.
WRITES = "writes"
# SQLite checks the time limit after this number of instructions: less than 1 ms.
_STEPS = 10_000


def engine_options(url: str) -> dict[str, Any]:
    """Return the arguments of `create_engine`."""
    if url.startswith("sqlite"):
        return HIDE_PARAMETERS | {"connect_args": {"timeout": 5}}
    return (
        HIDE_PARAMETERS | POOL | {"connect_args": CONNECT | {"options": POSTGRESQL_OPTIONS}, "json_deserializer": _json}
    )


def _json(text: str) -> Any:
    """Skip the parser for people without attributes. They are most rows of a list."""
    return {} if text == "{}" else json.loads(text)


def init_engine(engine: Engine) -> None:
    """Add the event listeners to the engine of the app. Engines of libraries, like the broker, have none."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "handle_error", _remove_values)
    init_prepared(engine)
    if engine.name == "sqlite":
        event.listen(engine, "do_connect", lambda *_given: make_sqlite_private(Path(engine.url.database or "")))
        event.listen(engine, "before_cursor_execute", _on_statement)
        event.listen(engine, "checkin", lambda _connection, record: record.info["limit"].lift())
    if engine.name == "postgresql":
        watchdog = init_watchdog(engine)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", lambda *given: _on_checkout(engine.dialect, watchdog, *given))


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
    """The time at which SQLite interrupts the current statement."""

    def __init__(self) -> None:
        self.lift()

    def lift(self) -> None:
        self.set(math.inf)

    def set(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def is_over(self) -> bool:
        return time.monotonic() >= self.until


def _on_statement(connection: Connection, *given: Any) -> None:
    """Set the time limit of a statement. Jobs, commands and migrations have none."""
    *_statement, context, _many = given
    seconds = context.execution_options.get(TIME_LIMIT, SQLITE_SECONDS) if in_request() else math.inf
    connection.info["limit"].set(seconds)


def _on_connect(connection: Any, record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    record.info["limit"] = limit = _Limit()
    connection.set_progress_handler(limit.is_over, _STEPS)
    # The BEGIN of the driver breaks savepoints. _on_begin sends ours.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_checkin(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()
    if connection is not None and not connection.closed:
        connection.autocommit = False


def _on_checkout(
    dialect: Dialect, watchdog: Watchdog, connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Check a connection that was idle. If it is closed, replace all connections of the pool."""
    # A new connection was checked before it connected.
    if in_request() and "idle_since" in record.info:
        watchdog.check_answers()
    if time.monotonic() - record.info.get("idle_since", math.inf) < IDLE_SECONDS:
        return
    watchdog.watch(connection, PING_SECONDS)
    try:
        dialect.do_ping(connection)
    except connection.Error:
        raise InvalidatePoolError from None
    finally:
        watchdog.unwatch(connection)


def _on_begin(connection: Connection) -> None:
    """Begin a transaction. Reads of a request use autocommit instead.

    On PostgreSQL, at READ COMMITTED, the results are the same. It saves two round trips, and no transaction is idle
    during rendering.
    """
    writes = connection.get_execution_options().get(WRITES)
    if connection.dialect.name == "sqlite":
        if writes or not in_request():
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif in_request():
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = not writes
