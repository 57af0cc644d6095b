"""Inserts many rows: with COPY on PostgreSQL, which takes a third of the time of INSERT, and executemany on SQLite."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Column, Connection, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError

from webapp.db.types import compact_json

_NULL = r"\N"


def insert_many(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows with the values of `columns`. Python's defaults of other columns are not used.

    Raise IntegrityError like other statements. Then the transaction, or the savepoint, must be rolled back.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.execute(insert(table), values)
        return
    writers = [_writer(table.c[name], connection.dialect) for name in columns]
    lines = ("\t".join([write(value) for write, value in zip(writers, row, strict=True)]) for row in rows)
    copy_text(connection, table.name, [table.c[name].name for name in columns], lines)


def copy_text(connection: Connection, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Send lines in the text format of COPY to PostgreSQL. Raw SQL, because SQLAlchemy has no expression for COPY."""
    names = ", ".join(f'"{name}"' for name in columns)
    content = io.BytesIO("\n".join(lines).encode())
    raw: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.dbapi
    try:
        with raw.cursor() as cursor:
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", content)
    except driver.Error as error:
        # Only the primary message: the others quote rows.
        error.args = (error.diag.message_primary or "The connection was closed",)
        if connection.dialect.is_disconnect(error, raw, None):
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, driver.Error) from None


def copied(value: Any) -> str:
    """Return a value in the text format of COPY."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def copied_array(values: Sequence[str] | None) -> str:
    """Return an array of texts in the text format of COPY."""
    if values is None:
        return _NULL
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return _escaped("{" + ",".join(f'"{value}"' for value in quoted) + "}")


def _copied_json(value: Any) -> str:
    return _NULL if value is None else _escaped(compact_json(value))


def _escaped(text: str) -> str:
    """Escape what the text format of COPY escapes. `str.translate` takes four times as long on names in Cyrillic."""
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


def _writer(column: Column[Any], dialect: Dialect) -> Callable[[Any], str]:
    # The type that the dialect uses: a JSON column can be an array on PostgreSQL.
    used = column.type.dialect_impl(dialect)
    if isinstance(used, ARRAY):
        return copied_array
    return _copied_json if isinstance(used, JSON) else copied
