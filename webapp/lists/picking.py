"""The first of many hits, picked out along the order's index: one part of the order after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    TextClause,
    Uuid,
    and_,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.schema import Column
from sqlalchemy.sql.visitors import replacement_traverse

from webapp.db.session import db
from webapp.lists import skip_scan as leaping
from webapp.lists.order import Beginning, Order, Place, Range, unindexed
from webapp.lists.skip_scan import Leap

# So many rows of the order are looked at for hits, until a page is full: among the last of these it is the rule where
# there are many.
WALKED = (5_000, 20_000)
# What is picked, in words of its own: SQLAlchemy takes as long to list a subquery's columns as PostgreSQL to read it.
EVERY: ColumnElement[Any] = literal_column("*")
_ID, _RANK = literal_column("picked.id", Uuid()), literal_column("picked.rank", Integer())


@dataclass(frozen=True)
class Many:
    """`rows` selects without conditions. Hits are those of whom all of `along`, which the orders' indexes hold, of
    `ranges`, and of `walked` hold. Instead of `walked` it is enough of `within`, of rows that come first or are of a
    part that begins with the first word or leaps to it; and of `beside`, of those that are `Order.whole`.
    """

    rows: Select[Any]
    along: Sequence[ColumnElement[bool]]
    ranges: Sequence[Range]
    walked: Sequence[ColumnElement[bool]]
    within: Sequence[ColumnElement[bool]]
    beside: Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Part:
    """Those of one rank of the order from `place` on; `left` makes hits of them."""

    rank: int
    place: Place | None
    left: Sequence[ColumnElement[bool]]


@dataclass
class Picking:
    """One page of a list of many. Each row begins with the item, the order's value and the rank.

    `parts_first`: the order's own parts are read by themselves, as they mostly fill the page; else in one statement
    with what comes next.
    """

    many: Many
    order: Order
    limit: int
    backwards: bool
    parts_first: bool = True

    def rows(self, place: Place | None) -> list[Row[Any]] | None:
        """None where hits lie too far apart to be found so, or far from here."""
        rows: list[Row[Any]] = []
        indexed: list[Select[Any]] = []
        for part in self._parts(place):
            if self._is_indexed(part):
                indexed.append(self._branch(part))
                continue
            if self.parts_first and len(indexed) > len(self.order.first):
                rows, indexed = rows + self._read(indexed), []
            if len(rows) < self.limit:
                leap = self.order.part(part.rank)
                more = self._leapt(indexed, leap, part) if isinstance(leap, Leap) else self._walked(indexed, part)
                if more is None:
                    return None
                rows, indexed = rows + more, []
            if len(rows) >= self.limit:
                return rows[: self.limit]
        return (rows + self._read(indexed))[: self.limit]

    @property
    def _down(self) -> bool:
        return self.order.descending != self.backwards

    def _parts(self, place: Place | None) -> Iterator[Part]:
        """From `place` on."""
        ranks = range(len(self.order.parts) + 1)
        for rank in reversed(ranks) if self.backwards else ranks:
            if place is not None and rank != place.rank and (rank < place.rank) != self.backwards:
                continue
            here = place if place is not None and rank == place.rank else None
            yield Part(rank, here, self._left(rank))

    def _left(self, rank: int) -> Sequence[ColumnElement[bool]]:
        """What is left to ask of the rows of this part."""
        first, whole = len(self.order.first), len(self.order.whole)
        left = self.many.walked
        if first <= rank < first + whole:
            left = self.many.beside
        elif rank < first or isinstance(self.order.part(rank), Beginning | Leap):
            left = self.many.within
        # What is walked is looked at as it comes: no index of the dates could tempt.
        walked = rank >= first and not isinstance(self.order.part(rank), Leap)
        return [*(each.condition(each.column if walked else unindexed(each.column)) for each in self._others), *left]

    @property
    def _others(self) -> list[Range]:
        """Ranges of other columns than the order's."""
        return [each for each in self.many.ranges if each.column is not self.order.column]

    def _is_indexed(self, part: Part) -> bool:
        """Whether an index gives all of its hits, and few others."""
        if part.rank < len(self.order.first):
            return True
        return not part.left and not isinstance(self.order.part(part.rank), Leap)

    def _conditions(self, part: Part) -> list[ColumnElement[bool]]:
        """What makes a hit of one that belongs to the part."""
        return [*part.left, *self.order.before(part.rank)]

    def _branch(self, part: Part) -> Select[Any]:
        # What is few is sorted, and not looked for along the whole order.
        by = self.order.unindexed if part.rank < len(self.order.first) else None
        query = self._all_of(part, by=by).where(*self._conditions(part))
        return self._sorted(query, by).limit(self.limit)

    def _all_of(self, part: Part, *columns: Any, by: Any = None) -> Select[Any]:
        """Everybody of this part, hit or not."""
        query = select(*(columns or self._told(part)))
        query = query.where(*self._along(part))
        if part.rank < len(self.order.parts):
            query = query.where(self.order.condition(part.rank))
        return query.where(self._beyond(part.place, by)) if part.place else query

    def _along(self, part: Part) -> list[ColumnElement[bool]]:
        own = (each for each in self.many.ranges if each.column is self.order.column)
        return [*self.many.along, *(each.beyond(part.place, down=self._down) for each in own)]

    def _told(self, part: Part, of: Any = None) -> Sequence[Any]:
        row_id = self.order.id if of is None else of.c.id
        return [row_id.label("id"), literal(part.rank).label("rank")]

    def _sorted(self, query: Select[Any], by: Any = None) -> Select[Any]:
        return self.order.sorted(query, backwards=self.backwards, by=by)

    def _beyond(self, place: Place, by: Any = None) -> ColumnElement[bool]:
        return self.order.beyond(place, backwards=self.backwards, by=by)

    def _walked(self, indexed: Sequence[Select[Any]], part: Part) -> list[Row[Any]] | None:
        """The hits of these branches and of this part; None if there may be more of it than was looked at."""
        # Of a part of the order, which has little else, PostgreSQL would fetch all for many, and sort.
        for number in WALKED if part.rank < len(self.order.parts) else WALKED[-1:]:
            rows = self._read([*indexed, self._hits(part, number)])
            if len(rows) == self.limit or not self._has_more(part, number):
                return rows
        if self._are_held(part) and self._are_dense():
            return self._read([*indexed, self._throughout(part)])
        return None

    def _has_more(self, part: Part, number: int) -> bool:
        """Whether there are more than `number` of this part, hits or not."""
        further = self._sorted(self._all_of(part)).offset(number).limit(1)
        return db.session.execute(further).first() is not None

    def _are_held(self, part: Part) -> bool:
        """Whether the order's index holds all that is asked, so that it alone tells a hit."""
        held = (any(by is self.order.column for by in each.beside) for each in self._others)
        return not self.many.walked and part.rank == len(self.order.parts) and all(held)

    def _are_dense(self) -> bool:
        """Whether there are more hits than are walked: too many to sort them all."""
        ranges = (each.condition(each.column) for each in self.many.ranges)
        hits = select(self.order.id).where(*self.many.along, *ranges)
        return db.session.execute(hits.offset(WALKED[-1]).limit(1)).first() is not None

    def _throughout(self, part: Part) -> Select[Any]:
        """All hits of this part, however far apart, along the index that holds what is asked of them."""
        # SQLite would rather sort all that lie in a range.
        sqlite = db.engine.dialect.name == "sqlite"
        ranges = (each.condition(unindexed(each.column) if sqlite else each.column) for each in self._others)
        return self._sorted(self._all_of(part).where(*ranges)).limit(self.limit)

    def _hits(self, part: Part, number: int) -> Select[Any]:
        """Those among the first `number` of this part."""
        table = self.order.id.table
        conditions, names = _named(self._conditions(part), table)
        columns = [column for column in table.c if column.name == "id" or column.name in names]
        walk = self._sorted(self._all_of(part, *columns, self.order.column.label("sorted_by"))).limit(number)
        # Called as the table is, so that conditions in words of their own are about it too.
        rows = walk.subquery(table.name)
        query = select(*self._told(part, rows)).where(and_(*conditions)).limit(self.limit)
        if db.engine.dialect.name == "sqlite":
            # They come as they are walked; told to sort them, it looks at all of them.
            return query
        return query.order_by(*(key.desc() if self._down else key for key in (rows.c.sorted_by, rows.c.id)))

    def _read(self, branches: Sequence[Select[Any]]) -> list[Row[Any]]:
        """Of these, each sorted, the first ones; a later branch is not looked into once the page is full."""
        if not branches:
            return []
        picked: Select[Any] | CompoundSelect[Any] = branches[0]
        if len(branches) > 1:
            each = (select(EVERY).select_from(branch.subquery()) for branch in branches)
            picked = union_all(*each).limit(self.limit)
        query = self.many.rows.join(picked.subquery("picked"), self.order.id == _ID)
        query = query.add_columns(self.order.column, _RANK).order_by(_RANK.desc() if self.backwards else _RANK)
        return list(db.session.execute(self._sorted(query)).all())

    def _leapt(self, indexed: Sequence[Select[Any]], leap: Leap, part: Part) -> list[Row[Any]] | None:
        """The hits of these branches and of this part; None if there may be more of it than was looked at."""
        conditions = [*self._along(part), *self._conditions(part)]
        if part.place:
            conditions.append(self._beyond(part.place, self.order.unindexed))
        leapt = leap.hits(
            conditions,
            along=self.many.along,
            id=self.order.id,
            start=part.place.value if part.place else None,
            down=self._down,
            limit=self.limit,
        )
        order = replace(self.order, column=leapt.rows.c.key, id=leapt.rows.c.id)
        branch = select(*self._told(part, leapt.rows))
        branch = order.sorted(branch, backwards=self.backwards).limit(self.limit)
        rows = self._read([*indexed, branch])
        return None if len(rows) < self.limit and db.session.scalar(leapt.steps) == leaping.LEAPS else rows


def _named(
    conditions: Sequence[ColumnElement[bool]], table: Any
) -> tuple[Sequence[ColumnElement[bool]], Collection[str]]:
    """The conditions with this table's columns by their names, which they tell; all, where one has words of its own."""
    names: set[str] = set()

    def named(element: Any, **_options: Any) -> Any:
        if isinstance(element, TextClause) or getattr(element, "is_literal", False):
            names.update(column.name for column in table.c)
        if not (isinstance(element, Column) and element.table is table):
            return None
        names.add(element.name)
        return literal_column(f"{table.name}.{element.name}", element.type)

    return [replacement_traverse(condition, {}, named) for condition in conditions], names
