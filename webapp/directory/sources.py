"""The sources of the rows of a search. `plan.py` chooses the sources; each one is a class with its SQL.

A `Source` selects (id, rank) of its first matches after a cursor, in the order of the list. `TopK` sorts all matches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
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
    or_,
    select,
    true,
    union_all,
)

from webapp.db.session import db
from webapp.directory.filters import split_by_bin
from webapp.directory.index import search_index
from webapp.directory.query import Query
from webapp.directory.ranking import ExactKey, KeyRange, SecondWord
from webapp.lists.order import Order, Slice, unindexed
from webapp.users.models import User

# An ordered scan reads at most this many rows. If there are more, it is cut off.
SCAN_BOUND = 20_000
UNBOUNDED = 1_000_000_000
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM users WHERE {has_status} AND {tiers} LIMIT {limit}) AS counted"
BY_NAME = Order("name", User.name_key, User.id, descending=False)


@dataclass(frozen=True)
class Source(ABC):
    """The matches of one tier. `rank` is its number; matches in no tier have the number of tiers as their rank."""

    query: Query
    rank: int
    # Whether the source can stop before it has returned all its matches.
    bounded = False

    @abstractmethod
    def select(self, part: Slice) -> Select[Any]:
        """Return the statement that selects (id, rank) of the rows of this slice."""

    def is_cut_off(self, part: Slice) -> bool:
        """Return whether the tier has more rows than the source reads. Call it only if the page is not full."""
        return False

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        return [User.id.label("id"), literal(self.rank).label("rank")]

    def sorted(self, query: Select[Any], part: Slice) -> Select[Any]:
        return self.query.order.sorted(query, part).limit(part.limit)

    def in_range(self, low: Any, high: Any, part: Slice) -> list[ColumnElement[bool]]:
        """Return conditions for the keys with `low` <= key < `high` that are after the cursor.

        A cursor in the range replaces the bound where reading starts. With two conditions there, SQLite might start at
        the farther one.
        """
        order, after = self.query.order, part.after
        from_low = None if low is None else order.column >= low
        below_high = None if high is None else order.column < high
        if after is not None and order.is_descending(part):
            if high is None or after.key < high:
                below_high = order.after_cursor(after, part)
        elif after is not None and (low is None or after.key >= low):
            from_low = order.after_cursor(after, part)
        return [each for each in (from_low, below_high) if each is not None]


@dataclass(frozen=True)
class ExactMatch(Source):
    """The people whose username or e-mail address is the word. An index finds these few, then they are sorted."""

    tier: ExactKey

    def select(self, part: Slice) -> Select[Any]:
        order = self.query.order
        is_equal = getattr(User, self.tier.column) == self.tier.text
        is_equal = split_by_bin(is_equal) if self.tier.column == "email_key" else is_equal
        key = unindexed(order.column)
        query = select(*self.columns).where(self.query.has_status, is_equal, *self.query.sql_conditions)
        if part.after:
            query = query.where(order.after_cursor(part.after, part, key=key))
        return order.sorted(query, part, key=key).limit(part.limit)


@dataclass(frozen=True)
class PrefixRange(Source):
    """The keys that start with a text: one range of the index of the sort order. Each row in it matches."""

    tier: KeyRange

    def select(self, part: Slice) -> Select[Any]:
        in_range = self.in_range(self.tier.low, self.tier.high, part)
        earlier = self.query.in_no_tier_before(self.rank)
        return self.sorted(select(*self.columns).where(self.query.has_status, *in_range, *earlier), part)

    def count_sql(self, limit: int) -> tuple[str, dict[str, Any]]:
        """Return SQL that counts the rows, up to `limit`, and its parameters."""
        own, values = self.query.tier_sql(self.rank)
        earlier, more = self.query.sql_of_no_tier_before(self.rank, exact=False)
        names = {"has_status": self.query.status_sql, "tiers": own + earlier, "limit": limit}
        return _COUNT.format(**names), values | more


@dataclass(frozen=True)
class OrderedScan(Source):
    """The matches among the first SCAN_BOUND rows of a tier, read in the order of the index.

    The scan selects the filters as a column. No index supports a selected expression, so the planner must use the index
    of the sort order.
    """

    tier: KeyRange | SecondWord | None = None
    bound: int | None = None
    bounded = True

    def select(self, part: Slice) -> Select[Any]:
        order = self.query.order
        tests: list[Any] = [*self.query.sql_conditions, *self.query.in_no_tier_before(self.rank)]
        if isinstance(self.tier, SecondWord):
            tests.append(self.query.in_tier(self.rank))
        rows = self._rows(part, order.column.label("sort_key"), and_(true(), *tests).label("matches"))
        scan = rows.limit(self.bound or SCAN_BOUND).subquery(f"scan{self.rank}")
        query: Select[Any] = select(scan.c.id, literal(self.rank).label("rank")).where(scan.c.matches).limit(part.limit)
        keys = [key.desc() if order.is_descending(part) else key for key in (scan.c.sort_key, scan.c.id)]
        ordered: Select[Any] = search_index().sort_like_subquery(query, keys)
        return ordered

    def fetch(self, part: Slice) -> list[Row[Any]]:
        return fetch_together(self.query, [self.select(part)], part)

    def count(self, limit: int) -> Select[Any]:
        """Select how many of the first SCAN_BOUND rows match, up to `limit`."""
        return select(func.count()).select_from(self.select(Slice(limit)).subquery())

    def is_cut_off(self, part: Slice) -> bool:
        return db.session.execute(self._rows(part).offset(SCAN_BOUND).limit(1)).first() is not None

    def _rows(self, part: Slice, *columns: Any) -> Select[Any]:
        """Select all rows of the tier, including those that do not match."""
        ranges: list[Any] = [self.tier] if self.tier else []
        filtered = [each.range for each in self.query.other_filters if each.range is not None]
        ranges += [each for each in filtered if each.column is self.query.order.column]
        low = max((each.low for each in ranges if each.low is not None), default=None)
        high = min((each.high for each in ranges if each.high is not None), default=None)
        query = select(User.id.label("id"), *columns).where(self.query.has_status, *self.in_range(low, high, part))
        return self.query.order.sorted(query, part)


@dataclass(frozen=True)
class TopK:
    """Finds matches by the indexes of the filters, at most `bound`, and returns the first rows in sort order.

    The last column of a row is the number of matches that were found.
    """

    query: Query
    bound: int = UNBOUNDED

    def fetch(self, part: Slice) -> list[Row[Any]]:
        order = self.query.order
        # unindexed(): otherwise the planner might read the sort index until it has found enough matches.
        matches = self.query.matches.with_only_columns(
            User.id.label("id"), unindexed(order.column).label("sort_key"), self.query.rank.label("rank")
        )
        if self.query.indexed_texts:
            matches = search_index().materialized(matches)
        matches_cte = matches.limit(self.bound).cte("matches")
        key = literal_column("matches.sort_key", order.column.type)
        id_, number = literal_column("matches.id", Uuid()), literal_column("matches.rank", Integer())
        page: Any = select(id_.label("id"), number.label("rank")).select_from(matches_cte)
        if part.after:
            later = number < part.after.rank if part.backwards else number > part.after.rank
            is_after = order.after_cursor(part.after, part, key=key, id=id_)
            page = page.where(or_(later, and_(number == part.after.rank, is_after)))
        page = page.order_by(number.desc() if part.backwards else number).limit(part.limit)
        page = order.sorted(page, part, key=key, id=id_)
        return fetch_page(self.query, page, part, select(func.count()).select_from(matches_cte).scalar_subquery())


def fetch_together(query: Query, selects: Sequence[Select[Any]], part: Slice) -> list[Row[Any]]:
    """Return the first rows of these selects, in one statement. The database stops at the limit."""
    if len(selects) == 1:
        return fetch_page(query, selects[0], part)
    # With `*`, because SQLAlchemy takes as long to list the columns as PostgreSQL takes to read the rows.
    every: ColumnElement[Any] = literal_column("*")
    union = union_all(*(select(every).select_from(each.subquery()) for each in selects))
    return fetch_page(query, union.limit(part.limit), part)


def fetch_page(query: Query, page: Any, part: Slice, *columns: Any) -> list[Row[Any]]:
    """Return the whole rows for `page`, which selects (id, rank)."""
    rank, page_id = literal_column("page.rank", Integer()), literal_column("page.id", Uuid())
    rows = query.rows.join(page.subquery("page"), User.id == page_id)
    rows = rows.add_columns(query.order.column, rank, *columns).order_by(rank.desc() if part.backwards else rank)
    return list(db.session.execute(query.order.sorted(rows, part)).all())
