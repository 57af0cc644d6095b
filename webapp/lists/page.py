"""Keyset pages: a page costs the same wherever it lies.

Lists are sorted by (x, id), and a cursor holds one such pair. Where an index gives the order and the conditions
together, a page is one statement; of others see `webapp.lists.sifting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Row, Select, literal, null

from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists import count as counting
from webapp.lists.count import Count, counted
from webapp.lists.order import Order, Place
from webapp.lists.sifting import Sifted, Sifting

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
# The execution option of a query whose rows are counted now and then: what gives the figure, or NULL.
FIGURE = "figure"

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """Which page: at most `limit` rows after or before a cursor, or from the value `at` on."""

    limit: int = LIMIT_DEFAULT
    after: str | None = None
    before: str | None = None
    exact: bool = False
    at: Any = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """`next`, `previous` and `last` are cursors: of `after` the one, of `before` the others."""

    items: Sequence[T]
    next: str | None
    previous: str | None
    count: Count
    last: str | None = None


def paginate(query: Select[T] | Sifted[T], order: Order, window: Window, *, cursors: URLSafeSerializer) -> Page[T]:
    """The page of `query` that `window` asks for, with its count: one statement, two where it lies beyond the end.

    Of a list that is sifted, where there are many hits, one more for each part of the order that is needed, and two for
    hits that are far apart. Raises Refused for a cursor that is damaged, foreign or of another order.
    """
    backwards = window.before is not None
    cursor = window.before or window.after
    place = _read(cursor, order, cursors) if cursor is not None else None
    if window.at is not None and cursor is None:
        place = Place(len(order.parts), window.at, None)
    source = Sifting(query, order, window.exact) if isinstance(query, Sifted) else _Listing(query, order, window.exact)
    rows = source.rows(window.limit + 1, place, backwards=backwards)
    more = len(rows) > window.limit
    if backwards and place and not more:
        # Fewer than a page lie before the cursor: show the first page whole instead.
        backwards, place = False, None
        rows = source.rows(window.limit + 1, None, backwards=False)
        more = len(rows) > window.limit
    count = source.count(rows, place)
    rows = rows[: window.limit]
    if backwards:
        rows = rows[::-1]
    if not rows:
        return Page([], None, None, count)
    following, preceding = (place is not None, more) if backwards else (more, place is not None)
    return Page(
        items=[row[0] for row in rows],
        next=_cursor(rows[-1], order, cursors) if following else None,
        previous=_cursor(rows[0], order, cursors) if preceding else None,
        count=count,
        last=str(cursors.dumps([order.name])) if following else None,
    )


@dataclass
class _Listing:
    """Along an index, which holds the conditions too. The count comes with the rows."""

    query: Select[Any]
    order: Order
    exact: bool

    def rows(self, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        number = counting.number_of(self.query, exact=self.exact).scalar_subquery()
        figure = self.query.get_execution_options().get(FIGURE, null())
        query = self.query.add_columns(self.order.column, literal(0), number, figure)
        if place:
            query = query.where(self.order.beyond(place, backwards=backwards))
        return list(db.session.execute(self.order.sorted(query, backwards=backwards).limit(limit)).all())

    def count(self, rows: Sequence[Row[Any]], place: Place | None) -> Count:
        if not rows and place is not None:
            return counted(self.query, exact=self.exact)
        value, figure = tuple(rows[0])[-2:] if rows else (0, None)
        count = counting.bounded(value, exact=self.exact)
        if count.exact or not figure or figure <= counting.COUNT_BOUND:
            return count
        return Count(int(figure), exact=False, counted_before=True)


def _cursor(row: Any, order: Order, cursors: URLSafeSerializer) -> str:
    item, value, rank = row[:3]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return str(cursors.dumps([order.name, text, getattr(item, str(order.id.key)).hex, rank]))


def _read(cursor: str, order: Order, cursors: URLSafeSerializer) -> Place | None:
    """Where a cursor points to; None is the end."""
    try:
        parts = list(cursors.loads(cursor))
    except (BadData, ValueError, TypeError):
        parts = []
    if len(parts) not in {1, 4} or parts[0] != order.name:
        raise Refused(_("This page address is damaged or out of date. Go back to the first page."), code="bad_cursor")
    if len(parts) == 1:
        return None
    text, row_id, rank = parts[1], parts[2], parts[3]
    python_type = order.column.type.python_type
    value = text
    if python_type is datetime:
        value = datetime.fromisoformat(text)
    elif python_type in {UUID, float}:
        value = python_type(text)
    return Place(min(rank, len(order.parts)), value, UUID(row_id))
