"""Column types: instants in UTC, exact JSON, and strings that are compared byte by byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Dialect,
    String,
    Text,
    TypeDecorator,
)

from webapp.core.moments import to_utc


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: `timestamptz` on PostgreSQL, text on SQLite, an aware datetime in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return to_utc(value) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return None on PostgreSQL: its values are aware already, and a list has hundreds of them."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class JsonText(TypeDecorator[Any]):
    """JSON that is stored unchanged, so that its hash stays the same. The JSON types of PostgreSQL rewrite it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return compact_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value or "null")


compact_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def key_string(length: int) -> String:
    """Return a string type that both engines compare and sort byte by byte, whatever the locale of the database."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
