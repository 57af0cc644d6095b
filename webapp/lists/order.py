"""Sort orders of lists, and cursors. Lists are sorted by (rank, key, id)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True)
class Cursor:
    """The position of a row. Without an ID: the position before all rows with this key."""

    rank: int
    key: Any
    id: UUID | None


@dataclass(frozen=True)
class Slice:
    """At most `limit` rows after the cursor or, with `backwards`, before it. The row next to the cursor comes first."""

    limit: int
    after: Cursor | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Order:
    """Sorts by `column`, which is never NULL, then by `id` in the same direction. `name` is the parameter `sort`."""

    name: str
    column: Column
    id: Column
    descending: bool

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Any], id: Any) -> Order:
        """Return the order by `columns[name]`. A minus before the name means descending. Raise KeyError."""
        return cls(name, columns[name.removeprefix("-")], id, name.startswith("-"))

    def is_descending(self, part: Slice) -> bool:
        """Return whether the slice is read from high keys to low ones."""
        return self.descending != part.backwards

    def sorted(self, query: Select[Any], part: Slice, *, key: Any = None, id: Any = None) -> Select[Any]:
        """Return `query` in the sort order of the slice. `key` and `id` replace the columns."""
        columns = [self.column if key is None else key, self.id if id is None else id]
        if columns[0] is columns[1]:
            # SQLite would sort by it twice, and use fewer indexes.
            del columns[1]
        return query.order_by(*(column.desc() if self.is_descending(part) else column.asc() for column in columns))

    def after_cursor(self, cursor: Cursor, part: Slice, *, key: Any = None, id: Any = None) -> ColumnElement[bool]:
        """Return the condition that a row is after the cursor, in the direction in which the slice is read."""
        key, row_id = self.column if key is None else key, self.id if id is None else id
        value = literal(cursor.key, self.column.type)
        if cursor.id is None:
            from_key: ColumnElement[bool] = key <= value if self.is_descending(part) else key >= value
            return from_key
        row: ColumnElement[Any] = tuple_(key, row_id)
        position = tuple_(value, literal(cursor.id, self.id.type))
        return row < position if self.is_descending(part) else row > position


def unindexed(column: Any) -> ColumnElement[Any]:
    """Return the column as an expression without an index, so that the planner does not use the column's index."""
    return func.coalesce(column, column)
