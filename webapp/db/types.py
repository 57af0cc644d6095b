"""Column types: moments in UTC, exact JSON, and texts that are compared byte by byte."""

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
        return compact_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json.loads(value or "null")


compact_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def key_string(length: int) -> String:
    """A text that is compared and sorted byte by byte, the same on both engines whatever the database's locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
