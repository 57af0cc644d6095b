"""Keyset pages: a page costs the same wherever it lies.

Lists are sorted by (x, id), and a cursor holds one such pair. Where an index gives the order and the conditions
together, a page is one statement. Where none does (a search, some filters), a few hits are found and then sorted; are
there more than COUNT_BOUND, they are dense, and picked out along the order's index.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, inspect, literal, not_, null, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.util import ClauseAdapter

from webapp.core import leaping
from webapp.core.database import db
from webapp.core.errors import Refused
from webapp.core.languages import _
from webapp.core.leaping import Leap

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
COUNT_BOUND = 1000
# The execution option of a query whose rows are counted now and then: what gives the figure, or NULL.
FIGURE = "figure"
# So many rows of the order are looked at for hits; a page's worth among them is the rule where there are many.
WALKED = 20_000

T = TypeVar("T")
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True)
class Order:
    """By `column`, then by `id` in the same direction; `name` is what stands in the address: `-created`.

    `column` is never NULL. Rows of which a condition of `first` holds come before all others, then those of `sooner`;
    in both those of the first condition before those of the second. An index serves each; of `first` it gives few rows,
    of `sooner`, along the order, many, or leads to them leap by leap.
    """

    name: str
    column: Column
    id: Column
    descending: bool
    first: Sequence[ColumnElement[bool]] = ()
    sooner: Sequence[ColumnElement[bool] | Leap] = ()

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Any], id: Any, **parts: Sequence[Any]) -> Order:
        """The order called `name`, with a leading minus for descending; KeyError when there is none."""
        return cls(name, columns[name.removeprefix("-")], id, name.startswith("-"), **parts)

    @property
    def parts(self) -> list[ColumnElement[bool]]:
        """What makes a rank: the place of the first of these that holds of a row."""
        return [*self.first, *(each.condition if isinstance(each, Leap) else each for each in self.sooner)]

    def leap(self, rank: int) -> Leap | None:
        """What leads to the rows of this rank, where an index along the order would not do."""
        later = rank - len(self.first)
        part = self.sooner[later] if 0 <= later < len(self.sooner) else None
        return part if isinstance(part, Leap) else None


@dataclass(frozen=True)
class Sifted(Generic[T]):
    """A list whose order and conditions no index gives together.

    `rows` selects without conditions, `found` by conditions that indexes serve; `walked` are the same in words that
    tempt no planner to another index than the order's, and `along` those that the orders' indexes hold anyway. `key`
    stands for all of it, where it is worth remembering that there are many: whoever leafs through them asks again.
    """

    rows: Select[T]
    found: Select[T]
    walked: Sequence[ColumnElement[bool]]
    along: Sequence[ColumnElement[bool]] = ()
    key: str = ""


class Remembered:
    """What had more than COUNT_BOUND hits a moment ago, in this process; asked again after `seconds`."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds, self.most = seconds, most
        self.until: dict[str, float] = {}

    def knows(self, key: str) -> bool:
        return self.until.get(key, 0) > time.monotonic()

    def add(self, key: str) -> None:
        if not key:
            return
        if len(self.until) >= self.most:
            self.until.clear()
        self.until[key] = time.monotonic() + self.seconds


MANY = Remembered(seconds=60, most=1000)


@dataclass(frozen=True)
class Window:
    """Which page: at most `limit` rows after or before a cursor, or from the value `at` on."""

    limit: int = LIMIT_DEFAULT
    after: str | None = None
    before: str | None = None
    exact: bool = False
    at: Any = None


@dataclass(frozen=True)
class Count:
    """How many there are; not exact: more than `value`, or about as many where it was `counted_before`."""

    value: int
    exact: bool
    counted_before: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """`next`, `previous` and `last` are cursors: of `after` the one, of `before` the others."""

    items: Sequence[T]
    next: str | None
    previous: str | None
    count: Count
    last: str | None = None


@dataclass(frozen=True)
class _Place:
    """Between two rows of a list; without an id before everything of this value. `rank` counts along `Order.parts`."""

    rank: int
    value: Any
    id: UUID | None


def paginate(query: Select[T] | Sifted[T], order: Order, window: Window, *, cursors: URLSafeSerializer) -> Page[T]:
    """The page of `query` that `window` asks for, with its count: one statement, two where it lies beyond the end.

    Of a list that is sifted, where there are many hits, one more for each part of the order that is needed, and two for
    hits that are far apart. Raises Refused for a cursor that is damaged, foreign or of another order.
    """
    backwards = window.before is not None
    cursor = window.before or window.after
    place = _read(cursor, order, cursors) if cursor is not None else None
    if window.at is not None and cursor is None:
        place = _Place(len(order.parts), window.at, None)
    source = _Sifting(query, order, window) if isinstance(query, Sifted) else _Listing(query, order, window)
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


def counted(query: Select[Any] | Sifted[Any], *, exact: bool = False) -> Count:
    """How many rows `query` has; not exact: counted up to COUNT_BOUND only, which costs the same at any size."""
    found = query.found if isinstance(query, Sifted) else query
    return _bounded(db.session.scalar(_counting(found, exact=exact)) or 0, exact=exact)


def _counting(query: Select[Any], *, exact: bool) -> Select[Any]:
    rows = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if not exact:
        rows = rows.limit(COUNT_BOUND + 1)
    return select(func.count()).select_from(rows.subquery())


def _bounded(value: int, *, exact: bool) -> Count:
    return Count(value, exact=True) if exact or value <= COUNT_BOUND else Count(COUNT_BOUND, exact=False)


@dataclass
class _Listing:
    """Along an index, which holds the conditions too. The count comes with the rows."""

    query: Select[Any]
    order: Order
    window: Window

    def rows(self, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        counting = _counting(self.query, exact=self.window.exact).scalar_subquery()
        figure = self.query.get_execution_options().get(FIGURE, null())
        query = self.query.add_columns(self.order.column, self.order.id, literal(0), counting, figure)
        if place:
            query = query.where(_beyond(place, self.order, self.order.column, backwards=backwards))
        return _all(_sorted(query, self.order, self.order.column, backwards=backwards).limit(limit))

    def count(self, rows: Sequence[Row[Any]], place: _Place | None) -> Count:
        if not rows and place is not None:
            return counted(self.query, exact=self.window.exact)
        value, figure = tuple(rows[0])[-2:] if rows else (0, None)
        count = _bounded(value, exact=self.window.exact)
        if count.exact or not figure or figure <= COUNT_BOUND:
            return count
        return Count(int(figure), exact=False, counted_before=True)


class _Sifting:
    """Few hits are found and sorted, many are picked out along the order's index."""

    def __init__(self, query: Sifted[Any], order: Order, window: Window) -> None:
        self.query, self.order, self.window = query, order, window
        self.value = 0
        self._table: Any = inspect(query.rows.column_descriptions[0]["entity"]).local_table

    def count(self, _rows: Sequence[Row[Any]], _place: _Place | None) -> Count:
        return counted(self.query, exact=True) if self.window.exact else _bounded(self.value, exact=False)

    def rows(self, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        if MANY.knows(self.query.key):
            rows = self._many(limit, place, backwards=backwards)
            if len(rows) == limit:
                self.value = COUNT_BOUND + 1
                return rows
        rows = self._few(limit, place, backwards=backwards)
        if rows:
            self.value = rows[0][-1]
        elif place is not None:
            # Nobody of those first found lies there; whether that were all has to be asked.
            self.value = db.session.scalar(_counting(self.query.found, exact=False)) or 0
        if self.value <= COUNT_BOUND:
            return rows
        MANY.add(self.query.key)
        return self._many(limit, place, backwards=backwards)

    def _few(self, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        """Of the first hits that are found, those in the window; right as long as there are no more of them.

        The last column tells how many.
        """
        hits = self.query.found.with_only_columns(self.order.id.label("id")).limit(COUNT_BOUND + 1).cte("hits")
        query = self.query.rows.join(hits, hits.c.id == self.order.id)
        number = select(func.count()).select_from(hits).scalar_subquery()
        return self._found(query, limit, place, number, backwards=backwards)

    def _many(self, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        rows: list[Row[Any]] = []
        for rank, here in self._parts(place, backwards=backwards):
            missing = limit - len(rows)
            if rank < len(self.order.first):
                rows += self._first(rank, missing, here, backwards=backwards)
            else:
                picked, goes_on = self._picked(rank, missing, here, backwards=backwards)
                if goes_on:
                    # They lie close together, far from here, or are few for so large a list.
                    return self._found(self.query.found, limit, place, backwards=backwards)
                rows += picked
            if len(rows) == limit:
                break
        return rows

    def _parts(self, place: _Place | None, *, backwards: bool) -> Iterator[tuple[int, _Place | None]]:
        """The parts of the order from `place` on, and where to begin in each."""
        ranks = range(len(self.order.parts) + 1)
        for rank in reversed(ranks) if backwards else ranks:
            if place is None or rank == place.rank:
                yield rank, place
            elif (rank < place.rank) == backwards:
                yield rank, None

    def _found(
        self, query: Select[Any], limit: int, place: _Place | None, *further: Any, backwards: bool
    ) -> list[Row[Any]]:
        """All of `query`, sorted; by an expression that no index serves, else the planner would walk along one."""
        parts = self.order.parts
        rank: Any = case(*((condition, at) for at, condition in enumerate(parts)), else_=len(parts)) if parts else None
        by = func.coalesce(self.order.column, self.order.column)
        ranked = literal(0) if rank is None else rank
        query = query.add_columns(self.order.column, self.order.id, ranked, *further)
        if place:
            beyond = _beyond(place, self.order, by, backwards=backwards)
            if rank is not None:
                later = rank < place.rank if backwards else rank > place.rank
                beyond = or_(later, and_(rank == place.rank, beyond))
            query = query.where(beyond)
        if rank is not None:
            query = query.order_by(rank.desc() if backwards else rank)
        return _all(_sorted(query, self.order, by, backwards=backwards).limit(limit))

    def _first(self, rank: int, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        """Those of whom one condition of `Order.first` holds, by its index."""
        *earlier, condition = self.order.first[: rank + 1]
        query = self.query.rows.where(*self.query.walked, condition, *map(not_, earlier))
        query = query.add_columns(self.order.column, self.order.id, literal(rank))
        # They are few: sorted, and not looked for along the whole order, as SQLite would.
        by = func.coalesce(self.order.column, self.order.column)
        if place:
            query = query.where(_beyond(place, self.order, by, backwards=backwards))
        return _all(_sorted(query, self.order, by, backwards=backwards).limit(limit))

    def _picked(self, rank: int, limit: int, place: _Place | None, *, backwards: bool) -> tuple[list[Row[Any]], bool]:
        """What is found of this part of the order, and whether there may be more of it than was looked at."""
        leap = self.order.leap(rank)
        if leap is None:
            rows = self._walked(rank, limit, place, backwards=backwards)
            return rows, len(rows) < limit and self._goes_on(rank, place, backwards=backwards)
        conditions = [*self.query.walked, *map(not_, self.order.parts[:rank])]
        # By an expression that no index serves: sorted, and not looked for along the whole order.
        by = func.coalesce(self.order.column, self.order.column)
        if place:
            conditions.append(_beyond(place, self.order, by, backwards=backwards))
        start, down = place.value if place else None, self.order.descending != backwards
        ids, steps = leap.hits(
            conditions, along=self.query.along, id=self.order.id, start=start, down=down, limit=limit
        )
        query = self.query.rows.join(ids, ids.c.id == self.order.id)
        query = query.add_columns(self.order.column, self.order.id, literal(rank))
        rows = _all(_sorted(query, self.order, by, backwards=backwards).limit(limit))
        return rows, len(rows) < limit and db.session.scalar(steps) == leaping.LEAPS

    def _walked(self, rank: int, limit: int, place: _Place | None, *, backwards: bool) -> list[Row[Any]]:
        """The hits among the next WALKED rows of this part of the order."""
        # Called as the table is, so that conditions in words of their own are about it too.
        walk = self._walk(rank, place, backwards=backwards).limit(WALKED).subquery(self._table.name)
        conditions = [*self.query.walked, *map(not_, self.order.parts[:rank])]
        hits = select(walk.c[str(self.order.id.key)].label("id")).where(*map(ClauseAdapter(walk).traverse, conditions))
        down = self.order.descending != backwards
        by = (walk.c.sorted_by, walk.c[str(self.order.id.key)])
        picked = hits.order_by(*(key.desc() if down else key for key in by)).limit(limit).subquery("hits")
        query = self.query.rows.join(picked, picked.c.id == self.order.id)
        query = query.add_columns(self.order.column, self.order.id, literal(rank))
        return _all(_sorted(query, self.order, self.order.column, backwards=backwards))

    def _goes_on(self, rank: int, place: _Place | None, *, backwards: bool) -> bool:
        """Whether this part of the order goes on after WALKED rows."""
        walk = self._walk(rank, place, backwards=backwards).with_only_columns(self.order.id)
        return db.session.execute(walk.offset(WALKED).limit(1)).first() is not None

    def _walk(self, rank: int, place: _Place | None, *, backwards: bool) -> Select[Any]:
        walk = select(*self._table.c, self.order.column.label("sorted_by"))
        walk = walk.where(*self.query.along, *self.order.parts[rank : rank + 1])
        if place:
            walk = walk.where(_beyond(place, self.order, self.order.column, backwards=backwards))
        return _sorted(walk, self.order, self.order.column, backwards=backwards)


def _all(query: Select[Any]) -> list[Row[Any]]:
    return list(db.session.execute(query).all())


def _sorted(query: Select[Any], order: Order, by: Any, *, backwards: bool) -> Select[Any]:
    down = order.descending != backwards
    return query.order_by(*((by.desc(), order.id.desc()) if down else (by.asc(), order.id.asc())))


def _beyond(place: _Place, order: Order, by: Any, *, backwards: bool) -> ColumnElement[bool]:
    """What lies after `place`, or before it."""
    down = order.descending != backwards
    value = literal(place.value, order.column.type)
    if place.id is None:
        from_value: ColumnElement[bool] = by <= value if down else by >= value
        return from_value
    here: ColumnElement[Any] = tuple_(by, order.id)
    there = tuple_(value, literal(place.id, order.id.type))
    return here < there if down else here > there


def _cursor(row: Any, order: Order, cursors: URLSafeSerializer) -> str:
    value, row_id, rank = row[1:4]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return str(cursors.dumps([order.name, text, row_id.hex, rank]))


def _read(cursor: str, order: Order, cursors: URLSafeSerializer) -> _Place | None:
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
    return _Place(min(rank, len(order.parts)), value, UUID(row_id))
