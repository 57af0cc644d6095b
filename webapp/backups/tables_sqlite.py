"""Copies tables out of SQLite and into it, on a connection of the driver.

Raw SQL, because objects of SQLAlchemy take most of the time. Names come from the models or were checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import Connection

from webapp.backups.contents import TableColumns
from webapp.backups.values import lines_of, stored_rows, text_lines
from webapp.db.rebuild import Dropped, drop_sqlite_indexes

BATCH_SIZE = 1000


class SqliteTables:
    def __init__(self, connection: Connection) -> None:
        self._driver: Any = connection.connection.driver_connection
        self._dropped: Dropped = []

    def copy_out(self, table: TableColumns, rows: BinaryIO) -> int:
        """Write all rows of the table to `rows`. Return their number."""
        names, types = zip(*table.columns, strict=True)
        cursor = self._driver.execute(f'SELECT {_listed(names)} FROM "{table.name}"')  # noqa: S608  from the models
        count = 0
        while batch := cursor.fetchmany(BATCH_SIZE):
            rows.write(text_lines(batch, types))
            count += len(batch)
        return count

    def lock(self) -> None:
        """The transaction has locked the whole database."""

    def empty(self, tables: Iterable[str]) -> None:
        """Remove all rows, and drop indexes until `finish`. Foreign keys are checked at the end of the transaction."""
        names = list(tables)
        self._driver.execute("PRAGMA defer_foreign_keys = ON")
        for name in names:
            self._driver.execute(f'DELETE FROM "{name}"')  # noqa: S608  from the database itself
        self._dropped = drop_sqlite_indexes(self._driver, names)

    def copy_in(self, table: TableColumns, contents: Iterator[bytes]) -> int:
        """Insert the rows of these frames. Return their number."""
        names, types = zip(*table.columns, strict=True)
        marks = ", ".join("?" * len(names))
        insert = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES ({marks})'  # noqa: S608  checked names
        rows, count = stored_rows(lines_of(contents), types), 0
        while batch := list(islice(rows, BATCH_SIZE)):
            self._driver.executemany(insert, batch)
            count += len(batch)
        return count

    def finish(self) -> None:
        for _name, statement in self._dropped:
            self._driver.execute(statement)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
