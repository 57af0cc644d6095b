"""Copies tables out of PostgreSQL and into it, on a connection of the driver, with COPY.

Raw SQL, because SQLAlchemy has no expression for COPY, TRUNCATE and LOCK. Names come from the models or were checked.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection

from webapp.backups.contents import TableColumns
from webapp.db.rebuild import Dropped, drop_foreign_keys, drop_postgresql_indexes

READ_SIZE = 1 << 17
# A restore may take longer than a request, and may keep the server busy for longer than a silent host is waited for.
_LIMITS = (
    "statement_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "maintenance_work_mem = '512MB'",
)
# How COPY writes times and bytes, whatever the role or the database has set.
_FORMAT = ("timezone = 'UTC'", "datestyle = 'ISO'", "bytea_output = 'hex'")


class PostgresqlTables:
    def __init__(self, connection: Connection) -> None:
        self._driver: Any = connection.connection.driver_connection
        self._tables: list[str] = []
        self._dropped: Dropped = []
        self._foreign_keys: Dropped = []
        self._set(_FORMAT)

    def copy_out(self, table: TableColumns, rows: BinaryIO) -> int:
        """Write all rows of the table to `rows`. Return their number."""
        with self._driver.cursor() as cursor:
            cursor.copy_expert(f"COPY {_target(table)} TO STDOUT", rows)
            return cast(int, cursor.rowcount)

    def lock(self) -> None:
        """Wait for all transactions that use people, and let no other one begin."""
        self._set(_LIMITS)
        with self._driver.cursor() as cursor:
            cursor.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        with socket.socket(fileno=os.dup(self._driver.fileno())) as connection:
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 0)

    def empty(self, tables: Iterable[str]) -> None:
        """Remove all rows, and drop indexes and foreign keys until `finish`."""
        self._tables = list(tables)
        with self._driver.cursor() as cursor:
            cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in self._tables))
            self._foreign_keys = drop_foreign_keys(cursor, self._tables)
            self._dropped = drop_postgresql_indexes(cursor, self._tables)

    def copy_in(self, table: TableColumns, contents: Iterator[bytes]) -> int:
        """Insert the rows of these frames. Return their number. FREEZE: no vacuum has to write them again."""
        with self._driver.cursor() as cursor:
            cursor.copy_expert(f"COPY {_target(table)} FROM STDIN WITH (FREEZE)", _Reader(contents), READ_SIZE)
            return cast(int, cursor.rowcount)

    def _set(self, settings: Iterable[str]) -> None:
        with self._driver.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"SET LOCAL {setting}")

    def finish(self) -> None:
        with self._driver.cursor() as cursor:
            for _name, statement in (*self._dropped, *self._foreign_keys):
                cursor.execute(statement)


def _target(table: TableColumns) -> str:
    names = ", ".join(f'"{name}"' for name in table.names)
    return f'"{table.name}" ({names})'


class _Reader:
    """The contents of frames as a file, for COPY."""

    def __init__(self, contents: Iterator[bytes]) -> None:
        self._contents = contents
        self._current = memoryview(b"")

    def read(self, size: int) -> bytes:
        if not self._current:
            self._current = memoryview(next(self._contents, b""))
        part, self._current = self._current[:size], self._current[size:]
        return bytes(part)
