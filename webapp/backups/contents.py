"""What is in a backup: its header, its tables and columns, its trailer."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ARRAY, Boolean, Integer, LargeBinary, MetaData, Uuid
from sqlalchemy.dialects.postgresql import psycopg2

from webapp.backups.archive import Frame, Kind
from webapp.backups.protection import altered
from webapp.db.types import Instant

# The types of columns, by the type of the model. The rest is text.
_TYPES = {Uuid: "uuid", Instant: "time", Boolean: "boolean", LargeBinary: "bytes", Integer: "integer", ARRAY: "list"}
_POSTGRESQL: Any = psycopg2.dialect()  # type: ignore[no-untyped-call]  # untyped in a typed library
# Rows that describe running processes, and not the organisation.
LEFT_OUT = frozenset({"workers"})


@dataclass(frozen=True)
class TableColumns:
    """A table with the names and types of its columns. Types: uuid, time, boolean, bytes, integer, list, text."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _type in self.columns)


@dataclass(frozen=True)
class Header:
    """`migration` is that of the database, `secret_key` identifies its SECRET_KEY without revealing it."""

    created_at: str
    rollcall: str
    engine: str
    migration: str
    secret_key: str
    tables: tuple[TableColumns, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Header:
        """Raise Damaged if `data` is not a header."""
        try:
            tables = tuple(
                TableColumns(table["name"], tuple((name, type_) for name, type_ in table["columns"]))
                for table in data["tables"]
            )
            header = cls(**{**data, "tables": tables})
            names = [name for table in tables for name in (table.name, *table.names)]
            # They become part of statements.
            if not all(name.isascii() and name.isidentifier() for name in names):
                raise altered()
            return header
        except (TypeError, ValueError, KeyError):
            raise altered() from None

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.created_at).astimezone(UTC)


def tables_of(metadata: MetaData) -> tuple[TableColumns, ...]:
    """Return all tables, each after those that it refers to, without generated columns."""
    return tuple(
        TableColumns(
            table.name, tuple((column.name, _type_of(column)) for column in table.columns if not column.computed)
        )
        for table in metadata.sorted_tables
        if table.name not in LEFT_OUT
    )


def _type_of(column: Any) -> str:
    # The type on PostgreSQL: a list is JSON on SQLite.
    type_ = column.type.dialect_impl(_POSTGRESQL)
    candidates = (column.type, type_, getattr(type_, "impl", None))
    return next((name for kind, name in _TYPES.items() for each in candidates if isinstance(each, kind)), "text")


def secret_key_id(secret_key: str) -> str:
    """Return a name of the key that does not reveal it."""
    return hmac.digest(secret_key.encode(), b"rollcall backup", "sha256").hex()[:16]


def rows_by_table(frames: Iterator[Frame]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name of each table that has rows, with the content of its frames. Read it before the next table."""
    name = ""
    for kind, group in groupby(frames, key=lambda frame: frame[0]):
        if kind == Kind.TABLE:
            *_empty, (_kind, content) = group
            name = content.decode()
        elif kind == Kind.ROWS:
            yield name, (content for _kind, content in group)
