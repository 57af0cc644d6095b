"""Lists whose order and conditions no index gives together: a search, some filters.

A few hits are found and then sorted. Are there more than COUNT_BOUND, they are dense, and picked out along the order's
index.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, TextClause, and_, case, func, literal, not_, or_, select
from sqlalchemy.schema import Column
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.sql.visitors import iterate

from webapp.core import counting, leaping
from webapp.core.counting import Count, counted
from webapp.core.database import db
from webapp.core.leaping import Leap
from webapp.core.ordering import Order, Place

# So many rows of the order are looked at for hits, until a page is full: among the last of these it is the rule where
# there are many.
WALKED = (300, 2_500, 20_000)

T = TypeVar("T")


@dataclass(frozen=True)
class Sifted(Generic[T]):
    """`rows` selects without conditions, `found` by conditions that indexes serve; `walked` are the same in words that
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


@dataclass
class Sifting:
    """One page of a sifted list. Each row begins with the item, the order's value and the rank."""

    query: Sifted[Any]
    order: Order
    exact: bool
    # How many hits there are, up to the bound; known once rows were asked for.
    value: int = 0

    def count(self, _rows: Sequence[Row[Any]], _place: Place | None) -> Count:
        return counted(self.query.found, exact=True) if self.exact else counting.bounded(self.value, exact=False)

    def rows(self, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        if MANY.knows(self.query.key):
            rows = self._many(limit, place, backwards=backwards)
            if len(rows) == limit:
                self.value = counting.COUNT_BOUND + 1
                return rows
        rows = self._few(limit, place, backwards=backwards)
        if rows:
            self.value = rows[0][-1]
        elif place is not None:
            # Nobody of those first found lies there; whether that were all has to be asked.
            self.value = db.session.scalar(counting.number_of(self.query.found, exact=False)) or 0
        if self.value <= counting.COUNT_BOUND:
            return rows
        MANY.add(self.query.key)
        return self._many(limit, place, backwards=backwards)

    def _few(self, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        """Of the first hits that are found, those in the window; right as long as there are no more of them.

        The last column tells how many.
        """
        found = self.query.found.with_only_columns(self.order.id.label("id"))
        hits = found.limit(counting.COUNT_BOUND + 1).cte("hits")
        query = self.query.rows.join(hits, hits.c.id == self.order.id)
        number = select(func.count()).select_from(hits).scalar_subquery()
        return self._found(query, limit, place, number, backwards=backwards)

    def _found(
        self, query: Select[Any], limit: int, place: Place | None, *further: Any, backwards: bool
    ) -> list[Row[Any]]:
        """All of `query`, sorted; by an expression that no index serves, else the planner would walk along one."""
        parts = self.order.parts
        rank: Any = case(*((condition, at) for at, condition in enumerate(parts)), else_=len(parts)) if parts else None
        query = query.add_columns(self.order.column, literal(0) if rank is None else rank, *further)
        if place:
            beyond = self.order.beyond(place, backwards=backwards, by=self._by)
            if rank is not None:
                later = rank < place.rank if backwards else rank > place.rank
                beyond = or_(later, and_(rank == place.rank, beyond))
            query = query.where(beyond)
        if rank is not None:
            query = query.order_by(rank.desc() if backwards else rank)
        return _all(self.order.sorted(query, backwards=backwards, by=self._by).limit(limit))

    @property
    def _by(self) -> Any:
        """The order's column as no index has it: what is few is sorted, and not looked for along the whole order."""
        return func.coalesce(self.order.column, self.order.column)

    def _many(self, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        rows: list[Row[Any]] = []
        for rank, here in self._parts(place, backwards=backwards):
            missing = limit - len(rows)
            if rank < len(self.order.first):
                rows += self._first(rank, missing, here, backwards=backwards)
            else:
                picked, may_go_on = self._picked(rank, missing, here, backwards=backwards)
                if may_go_on:
                    # They lie close together, far from here, or are few for so large a list.
                    return self._found(self.query.found, limit, place, backwards=backwards)
                rows += picked
            if len(rows) == limit:
                break
        return rows

    def _parts(self, place: Place | None, *, backwards: bool) -> Iterator[tuple[int, Place | None]]:
        """The parts of the order from `place` on, and where to begin in each."""
        ranks = range(len(self.order.parts) + 1)
        for rank in reversed(ranks) if backwards else ranks:
            if place is None or rank == place.rank:
                yield rank, place
            elif (rank < place.rank) == backwards:
                yield rank, None

    def _first(self, rank: int, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        """Those of whom one condition of `Order.first` holds, by its index."""
        query = self.query.rows.where(*self.query.walked, *self._of_rank(rank), self.order.parts[rank])
        query = query.add_columns(self.order.column, literal(rank))
        if place:
            query = query.where(self.order.beyond(place, backwards=backwards, by=self._by))
        return _all(self.order.sorted(query, backwards=backwards, by=self._by).limit(limit))

    def _of_rank(self, rank: int) -> Iterable[ColumnElement[bool]]:
        """That they are not of a part of the order before."""
        return map(not_, self.order.parts[:rank])

    def _picked(self, rank: int, limit: int, place: Place | None, *, backwards: bool) -> tuple[list[Row[Any]], bool]:
        """What is found of this part of the order, and whether there may be more of it than was looked at."""
        if leap := self.order.leap(rank):
            return self._leapt(leap, rank, limit, place, backwards=backwards)
        for number in self._steps(rank):
            rows, ended = self._walked(number, rank, limit, place, backwards=backwards)
            if ended or len(rows) == limit:
                return rows, False
        return rows, True

    def _steps(self, rank: int) -> Sequence[int]:
        """SQLite looks at all of so many rows, PostgreSQL stops where the page is full; but of a part of the order,
        which has little else, it would fetch all and sort.
        """
        if db.engine.dialect.name == "sqlite":
            return WALKED
        return WALKED[::2] if rank < len(self.order.parts) else WALKED[-1:]

    def _leapt(
        self, leap: Leap, rank: int, limit: int, place: Place | None, *, backwards: bool
    ) -> tuple[list[Row[Any]], bool]:
        conditions = [*self.query.walked, *self._of_rank(rank)]
        if place:
            conditions.append(self.order.beyond(place, backwards=backwards, by=self._by))
        start, down = place.value if place else None, self.order.descending != backwards
        ids, steps = leap.hits(
            conditions, along=self.query.along, id=self.order.id, start=start, down=down, limit=limit
        )
        query = self.query.rows.join(ids, ids.c.id == self.order.id).add_columns(self.order.column, literal(rank))
        rows = _all(self.order.sorted(query, backwards=backwards, by=self._by).limit(limit))
        return rows, len(rows) < limit and db.session.scalar(steps) == leaping.LEAPS

    def _walked(
        self, number: int, rank: int, limit: int, place: Place | None, *, backwards: bool
    ) -> tuple[list[Row[Any]], bool]:
        """The hits among the next `number` rows of this part of the order, and whether the part ends with them."""
        conditions = [*self.query.walked, *self._of_rank(rank)]
        table = self.order.id.table
        names = {"id", *_columns_of(conditions, table)}
        walk = select(*(each for each in table.c if each.name in names), self.order.column.label("sorted_by"))
        walk = walk.where(*self.query.along, *self.order.parts[rank : rank + 1])
        if place:
            walk = walk.where(self.order.beyond(place, backwards=backwards))
        # Called as the table is, so that conditions in words of their own are about it too.
        rows = self.order.sorted(walk, backwards=backwards).limit(number).subquery(table.name)
        down = self.order.descending != backwards
        keys = [key.desc() if down else key for key in (rows.c.sorted_by, rows.c.id)]
        is_hit = and_(*map(ClauseAdapter(rows).traverse, conditions))
        # The last row comes too, as what tells that there was one.
        is_last = func.row_number().over(order_by=keys) == number
        told = select(rows.c.id, rows.c.sorted_by, is_hit.label("is_hit"), is_last.label("is_last")).subquery()
        keys = [key.desc() if down else key for key in (told.c.sorted_by, told.c.id)]
        picked = select(told).where(or_(told.c.is_hit, told.c.is_last)).order_by(*keys).limit(limit).subquery("hits")
        query = self.query.rows.join(picked, picked.c.id == self.order.id)
        query = query.add_columns(self.order.column, literal(rank), picked.c.is_hit, picked.c.is_last)
        found = _all(self.order.sorted(query, backwards=backwards))
        return [row for row in found if row.is_hit], not any(row.is_last for row in found)


def _columns_of(conditions: Sequence[ColumnElement[bool]], table: Any) -> set[str]:
    """The names of this table's columns that the conditions speak of; of all, where one is in words of its own."""
    names = set()
    for part in (part for condition in conditions for part in iterate(condition)):
        if isinstance(part, TextClause) or getattr(part, "is_literal", False):
            return {column.name for column in table.c}
        if isinstance(part, Column) and part.table is table:
            names.add(part.name)
    return names


def _all(query: Select[Any]) -> list[Row[Any]]:
    return list(db.session.execute(query).all())
