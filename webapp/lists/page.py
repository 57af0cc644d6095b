"""Keyset pagination: each page of a list costs the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Row, Select, literal, null

from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.count import COUNT_BOUND, Count, bounded, count_query, counted
from webapp.lists.order import Cursor, Order, Slice

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """The requested page: at most `limit` rows after or before a cursor, or from the key `at` on."""

    limit: int = LIMIT_DEFAULT
    after: str | None = None
    before: str | None = None
    exact: bool = False
    at: Any = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """`next` is a cursor for `Window.after`; `previous` and `last` are cursors for `Window.before`."""

    items: Sequence[T]
    next: str | None
    previous: str | None
    count: Count
    last: str | None = None


class Rows(Protocol):
    """The source of a list. `last_rank` is the rank of rows that no tier contains."""

    @property
    def last_rank(self) -> int: ...

    def fetch(self, part: Slice, *, exact: bool) -> tuple[list[Row[Any]], Count]:
        """Return the rows of the slice, each starting with (item, key, rank), and the number of rows of the list."""


@dataclass(frozen=True)
class IndexedRows:
    """The rows of a query for which one index has the order and the conditions. One statement selects and counts them.

    `estimate` selects the number of rows at an earlier time, or NULL. It replaces the count above COUNT_BOUND. `counts`
    has the rows to count, if they are not those of `query`.
    """

    query: Select[Any]
    order: Order
    estimate: Any = None
    last_rank: int = 0
    counts: Select[Any] | None = None

    def fetch(self, part: Slice, *, exact: bool) -> tuple[list[Row[Any]], Count]:
        estimate = null() if self.estimate is None else self.estimate
        counts = self.query if self.counts is None else self.counts
        number = count_query(counts, exact=exact).scalar_subquery()
        query = self.query.add_columns(self.order.column, literal(0), number, estimate)
        if part.after is not None:
            query = query.where(self.order.after_cursor(part.after, part))
        rows = list(db.session.execute(self.order.sorted(query, part).limit(part.limit)).all())
        if not rows:
            return [], Count(0, exact=True) if part.after is None else counted(counts, exact=exact)
        value, estimated = tuple(rows[0])[-2:]
        count = bounded(value, exact=exact)
        if not count.exact and estimated and estimated > COUNT_BOUND:
            count = Count(int(estimated), exact=False, estimated=True)
        return rows, count


def paginate(query: Select[T] | Rows, order: Order, window: Window) -> Page[T]:
    """Return the page with its count, in one statement, or two if it is beyond the end.

    Raise Refused if the cursor is damaged or belongs to another order.
    """
    source = IndexedRows(query, order) if isinstance(query, Select) else query
    cursor = window.before or window.after
    after = _read_cursor(cursor, order, source.last_rank) if cursor else None
    if cursor is None and window.at is not None:
        after = Cursor(source.last_rank, window.at, None)
    part = Slice(window.limit + 1, after, backwards=window.before is not None)
    rows, count = source.fetch(part, exact=window.exact)
    if part.backwards and after is not None and len(rows) <= window.limit:
        # There is less than a page before the cursor: return the first page instead.
        part = Slice(window.limit + 1)
        rows, count = source.fetch(part, exact=window.exact)
    more, rows = len(rows) > window.limit, rows[: window.limit]
    if part.backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None, count)
    has_next, has_previous = (part.after is not None, more) if part.backwards else (more, part.after is not None)
    return Page(
        items=[row[0] for row in rows],
        next=_write_cursor(rows[-1], order) if has_next else None,
        previous=_write_cursor(rows[0], order) if has_previous else None,
        count=count,
        last=_serializer().dumps([order.name]) if has_next else None,
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_settings().secret_key.get_secret_value(), salt="cursor")


def _write_cursor(row: Row[Any], order: Order) -> str:
    item, key, rank = tuple(row)[:3]
    text = key.isoformat() if isinstance(key, datetime) else str(key)
    return str(_serializer().dumps([order.name, text, getattr(item, str(order.id.key)).hex, rank]))


def _read_cursor(text: str, order: Order, last_rank: int) -> Cursor | None:
    """Return the cursor, or None for the end of the list. Raise Refused if it is invalid for this order."""
    try:
        parts = list(_serializer().loads(text))
    except (BadData, ValueError, TypeError):
        parts = []
    if len(parts) not in {1, 4} or parts[0] != order.name:
        raise Refused(_("This address is incomplete or out of date. Go back to the first page."), code="bad_cursor")
    if len(parts) == 1:
        return None
    _name, key, row_id, rank = parts
    python_type = order.column.type.python_type
    if python_type is datetime:
        key = datetime.fromisoformat(key)
    elif python_type in {UUID, float, int}:
        key = python_type(key)
    return Cursor(min(rank, last_rank), key, UUID(row_id))
