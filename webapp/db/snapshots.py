"""A connection that reads one state of the database, for work that reads all rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from webapp.db.session import db


@contextmanager
def snapshot() -> Iterator[Connection]:
    """Yield a connection that sees one state of the database and has no time limit. Writers do not wait for it."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "work_mem = '128MB'"):
                connection.execute(text(f"SET LOCAL {setting}"))
            # All rows are read, so the plan should be fast for all rows, not for the first ones.
            connection.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
        yield connection
        connection.rollback()
