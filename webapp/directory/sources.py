"""Where the rows of a search come from. `plan.py` chooses the sources; each one is a class with its SQL.

A source selects (id, rank) of its first matches behind a cursor, in the order of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Uuid,
    and_,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from webapp.db.session import db
from webapp.directory.filters import of_addresses
from webapp.directory.index import search_index
from webapp.directory.query import Query
from webapp.directory.ranking import ExactKey, KeyRange, SecondWord
from webapp.lists.order import Order, Slice, unindexed
from webapp.users.models import User

# An ordered scan reads this many rows. If there are more, it is cut off.
SCAN_BOUND = 20_000
UNBOUNDED = 1_000_000_000
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM users WHERE {listed} AND {tiers} LIMIT {limit}) AS counted"
BY_NAME = Order("name", User.name_key, User.id, descending=False)


@dataclass(frozen=True)
class Source:
    """The rows of one tier; `rank` is its number, that of the rows in no tier is the number of tiers."""

    query: Query
    rank: int
    # Whether a source may end before its rows do.
    bounded = False

    def select(self, part: Slice) -> Select[Any]:
        raise NotImplementedError

    def is_cut_off(self, part: Slice) -> bool:
        """Whether the tier goes on where the source ended. Asked only if the source did not fill the page."""
        return False

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        return [User.id.label("id"), literal(self.rank).label("rank")]

    def sorted(self, query: Select[Any], part: Slice) -> Select[Any]:
        return self.query.order.sorted(query, part).limit(part.limit)

    def in_range(self, low: Any, high: Any, part: Slice) -> list[ColumnElement[bool]]:
        """The keys from `low` on and before `high` that lie behind the cursor.

        The side from which the slice is read gets one condition only: of two, SQLite may start at the farther one.
        """
        order, after = self.query.order, part.after
        down = order.goes_down(part)
        if after is not None and down and (high is None or after.key < high):
            high = None
        elif after is not None and not down and (low is None or after.key >= low):
            low = None
        else:
            after = None
        conditions = [] if low is None else [order.column >= low]
        conditions += [] if high is None else [order.column < high]
        return [*conditions, *([] if after is None else [order.behind(after, part)])]


@dataclass(frozen=True)
class ExactMatch(Source):
    """The people whose username or e-mail address was typed: an index finds these few, and they are sorted."""

    tier: ExactKey

    def select(self, part: Slice) -> Select[Any]:
        order = self.query.order
        is_equal = getattr(User, self.tier.column) == self.tier.text
        is_equal = of_addresses(is_equal) if self.tier.column == "email_key" else is_equal
        key = unindexed(order.column)
        query = select(*self.columns).where(self.query.listed, is_equal, *self.query.tests)
        if part.after:
            query = query.where(order.behind(part.after, part, key=key))
        return order.sorted(query, part, key=key).limit(part.limit)


@dataclass(frozen=True)
class PrefixRange(Source):
    """The keys that begin with a text: one range of the order's index. Every row in it matches."""

    tier: KeyRange

    def select(self, part: Slice) -> Select[Any]:
        in_range = self.in_range(self.tier.low, self.tier.high, part)
        earlier = self.query.in_no_tier_before(self.rank)
        return self.sorted(select(*self.columns).where(self.query.listed, *in_range, *earlier), part)

    def count_sql(self, limit: int) -> tuple[str, dict[str, Any]]:
        """SQL that counts the rows, up to `limit`, and its parameters."""
        (own, values), (earlier, more) = self.query.tier_sql(self.rank), self.query.not_counted_before(self.rank)
        names = {"listed": search_index().listed(self.query.status), "tiers": own + earlier, "limit": limit}
        return _COUNT.format(**names), values | more


@dataclass(frozen=True)
class OrderedScan(Source):
    """The matches among the first SCAN_BOUND rows of a tier, in the order of its index.

    The filters are columns of the scan, which no index can serve: the index of the order is the only one to use.
    """

    tier: KeyRange | SecondWord | None = None
    bound: int | None = None
    bounded = True

    def select(self, part: Slice) -> Select[Any]:
        order = self.query.order
        tests: list[Any] = [*self.query.tests, *self.query.in_no_tier_before(self.rank)]
        if isinstance(self.tier, SecondWord):
            tests.append(self.query.in_tier(self.rank))
        rows = self._rows(part, order.column.label("sort_key"), and_(true(), *tests).label("matches"))
        scan = rows.limit(self.bound or SCAN_BOUND).subquery(f"scan{self.rank}")
        query: Select[Any] = select(scan.c.id, literal(self.rank).label("rank")).where(scan.c.matches).limit(part.limit)
        keys = [key.desc() if order.goes_down(part) else key for key in (scan.c.sort_key, scan.c.id)]
        ordered: Select[Any] = search_index().sorted_like_scan(query, keys)
        return ordered

    def fetch(self, part: Slice) -> list[Row[Any]]:
        return read_together(self.query, [self.select(part)], part)

    def count(self, limit: int) -> Select[Any]:
        """How many of the first SCAN_BOUND rows match, up to `limit`."""
        return select(func.count()).select_from(self.select(Slice(limit)).subquery())

    def is_cut_off(self, part: Slice) -> bool:
        return db.session.execute(self._rows(part).offset(SCAN_BOUND).limit(1)).first() is not None

    def _rows(self, part: Slice, *columns: Any) -> Select[Any]:
        """The rows of the tier, matches or not."""
        low, high = (self.tier.low, self.tier.high) if self.tier else (None, None)
        for each in self.query.filters:
            if each.range is not None and each.range.column is self.query.order.column:
                low, high = _later(low, each.range.low), _earlier(high, each.range.high)
        query = select(User.id.label("id"), *columns).where(self.query.listed, *self.in_range(low, high, part))
        return self.query.order.sorted(query, part)


def _later(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else max(one, other)


def _earlier(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else min(one, other)


def fetch_in_turn(sources: Sequence[Source], part: Slice) -> list[Row[Any]] | None:
    """The first rows of the sources, one source after the other. None if a source was cut off before the page is full.

    Sources are read together, in one statement, up to the next one that may be cut off.
    """
    rows: list[Row[Any]] = []
    batch: list[Select[Any]] = []
    for source in reversed(sources) if part.backwards else sources:
        after = part.after
        if after is not None and after.rank != source.rank:
            if (after.rank > source.rank) != part.backwards:
                continue
            after = None
        here = replace(part, after=after)
        batch.append(source.select(here))
        if not source.bounded:
            continue
        rows, batch = rows + read_together(source.query, batch, part), []
        if len(rows) >= part.limit:
            return rows[: part.limit]
        if source.is_cut_off(here):
            return None
    return (rows + (read_together(sources[0].query, batch, part) if batch else []))[: part.limit]


def read_together(query: Query, selects: Sequence[Select[Any]], part: Slice) -> list[Row[Any]]:
    """The first rows of these selects, in their order. A database stops at the limit, and reads no later select."""
    if len(selects) == 1:
        return read_page(query, selects[0], part)
    # The columns by `*`: SQLAlchemy takes as long to list them as PostgreSQL to read the rows.
    every: ColumnElement[Any] = literal_column("*")
    union = union_all(*(select(every).select_from(each.subquery()) for each in selects))
    return read_page(query, union.limit(part.limit), part)


def read_page(query: Query, page: Any, part: Slice, *columns: Any) -> list[Row[Any]]:
    """The rows of a page that selects (id, rank): only these are read whole."""
    rank, page_id = literal_column("page.rank", Integer()), literal_column("page.id", Uuid())
    rows = query.rows.join(page.subquery("page"), User.id == page_id)
    rows = rows.add_columns(query.order.column, rank, *columns).order_by(rank.desc() if part.backwards else rank)
    return list(db.session.execute(query.order.sorted(rows, part)).all())
