"""Keyset pages: a page costs the same wherever it lies.

Lists are sorted by (x, id), and a cursor holds one such pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core.database import db
from webapp.core.errors import Refused
from webapp.core.languages import _

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
COUNT_BOUND = 1000
# The execution option of a query whose condition has an index of its own.
FOUND_FIRST = "found_first"

T = TypeVar("T")
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Order:
    """By `column`, then by `id` in the same direction; `name` is what stands in the address: `-created`."""

    name: str
    column: Column
    id: Column
    descending: bool

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Column], id: Column) -> Order:
        """The order called `name`, with a leading minus for descending; KeyError when there is none."""
        return cls(name, columns[name.removeprefix("-")], id, name.startswith("-"))


@dataclass(frozen=True)
class Window:
    """Which page: at most `limit` rows after or before a cursor."""

    limit: int = LIMIT_DEFAULT
    after: str | None = None
    before: str | None = None
    exact: bool = False


@dataclass(frozen=True)
class Count:
    """How many there are; not exact: more than `value`."""

    value: int
    exact: bool


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None
    previous: str | None
    count: Count


def paginate(query: Select[T], order: Order, window: Window, *, cursors: URLSafeSerializer) -> Page[T]:
    """The page of `query` that `window` asks for, with its count: one statement, two where it lies beyond the end.

    Raises Refused for a cursor that is damaged, foreign or of another order.
    """
    backwards = window.before is not None
    cursor = window.before or window.after
    place = _read(cursor, order, cursors) if cursor is not None else None
    counting = _counting(query, exact=window.exact)
    listing = query.add_columns(counting.scalar_subquery())
    rows = _rows(listing, order, window.limit + 1, place, backwards=backwards)
    more = len(rows) > window.limit
    if backwards and not more:
        # Fewer than a page lie before the cursor: show the first page whole instead.
        rows, backwards, place = _rows(listing, order, window.limit + 1, None, backwards=False), False, None
        more = len(rows) > window.limit
    beyond_the_end = not rows and place is not None
    value = rows[0][-3] if rows else db.session.scalar(counting) if beyond_the_end else 0
    count = _bounded(value or 0, exact=window.exact)
    rows = rows[: window.limit]
    if backwards:
        rows = rows[::-1]
    if not rows:
        return Page([], None, None, count)
    following, preceding = (True, more) if backwards else (more, place is not None)
    return Page(
        items=[row[0] for row in rows],
        next=_cursor(rows[-1], order, cursors) if following else None,
        previous=_cursor(rows[0], order, cursors) if preceding else None,
        count=count,
    )


def counted(query: Select[Any], *, exact: bool = False) -> Count:
    """How many rows `query` has; not exact: counted up to COUNT_BOUND only, which costs the same at any size."""
    return _bounded(db.session.scalar(_counting(query, exact=exact)) or 0, exact=exact)


def _counting(query: Select[Any], *, exact: bool) -> Select[Any]:
    rows = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if not exact:
        rows = rows.limit(COUNT_BOUND + 1)
    return select(func.count()).select_from(rows.subquery())


def _bounded(value: int, *, exact: bool) -> Count:
    return Count(value, exact=True) if exact or value <= COUNT_BOUND else Count(COUNT_BOUND, exact=False)


def _rows(query: Select[T], order: Order, limit: int, place: tuple[Any, UUID] | None, *, backwards: bool) -> list[Any]:
    down = order.descending != backwards
    query = query.add_columns(order.column, order.id)
    # An expression that no index serves: the hits are found first and sorted then. Otherwise the planner walks the
    # whole order, expecting hits to be spread evenly over it, which names of one script or family never are.
    found_first = query.get_execution_options().get(FOUND_FIRST)
    by: Any = func.coalesce(order.column, order.column) if found_first else order.column
    if place is not None:
        here: ColumnElement[Any] = tuple_(by, order.id)
        there = tuple_(literal(place[0], order.column.type), literal(place[1], order.id.type))
        query = query.where(here < there if down else here > there)
    columns = (by.desc(), order.id.desc()) if down else (by.asc(), order.id.asc())
    return list(db.session.execute(query.order_by(*columns).limit(limit)).all())


def _cursor(row: Any, order: Order, cursors: URLSafeSerializer) -> str:
    value = row[-2]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return str(cursors.dumps([order.name, text, row[-1].hex]))


def _read(cursor: str, order: Order, cursors: URLSafeSerializer) -> tuple[Any, UUID]:
    try:
        name, text, row_id = cursors.loads(cursor)
    except (BadData, ValueError):
        name = None
    if name != order.name:
        raise Refused(_("This page address is damaged or out of date. Go back to the first page."), code="bad_cursor")
    python_type = order.column.type.python_type
    value = text
    if python_type is datetime:
        value = datetime.fromisoformat(text)
    elif python_type is UUID:
        value = UUID(text)
    return value, UUID(row_id)
