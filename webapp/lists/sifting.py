"""Lists whose order and conditions no index gives together: a search, some filters.

A few hits are found and then sorted. Are there more than COUNT_BOUND, they are dense, and picked out along the order's
index.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from webapp.db.session import db
from webapp.lists import count as counting
from webapp.lists.count import Count, counted
from webapp.lists.order import Beginning, Order, Place
from webapp.lists.picking import EVERY, Many, Picking

T = TypeVar("T")

_RANK: Any = literal_column("hits.rank", Integer())


@dataclass(frozen=True)
class Sifted(Many, Generic[T]):
    """`found` selects the same hits by conditions that indexes serve, where the others are in words that tempt no
    planner to another index than the order's. `sure`, with `along`, make hits without any other condition, each by an
    index: to see at once that there are many. `by_text`: an index of parts of texts gives all of `found`.
    `key` stands for all of it, where it is worth remembering that there are many: who leafs through them asks again.
    """

    rows: Select[T]
    found: Select[T]
    sure: Sequence[Beginning] = ()
    by_text: bool = False
    key: str = ""


class Remembered:
    """What had more than COUNT_BOUND hits a moment ago, in this process; asked again after `seconds`."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds, self.most = seconds, most
        self.until: dict[str, tuple[float, bool]] = {}

    def known(self, key: str) -> bool | None:
        """Whether there were so many for sure, without looking for any; None where nothing is known."""
        until, at_once = self.until.get(key, (0, False))
        return at_once if until > time.monotonic() else None

    def add(self, key: str, *, at_once: bool) -> None:
        if not key:
            return
        if len(self.until) >= self.most:
            self.until.clear()
        self.until[key] = time.monotonic() + self.seconds, at_once


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
        at_once = MANY.known(self.query.key)
        if at_once is not None:
            rows = self._many(limit, place, at_once=at_once, backwards=backwards)
            if len(rows) == limit:
                self.value = counting.COUNT_BOUND + 1
                return rows
        rows = self._few(limit, place, backwards=backwards)
        if rows:
            self.value = rows[0][-1]
        elif self.query.sure and (db.session.scalar(select(self._sure)) or 0) > counting.COUNT_BOUND:
            self.value, at_once = counting.COUNT_BOUND + 1, True
        elif place is not None:
            # Nobody of those first found lies there; whether that were all has to be asked.
            self.value = db.session.scalar(counting.number_of(self.query.found, exact=False)) or 0
        if self.value <= counting.COUNT_BOUND:
            return rows
        MANY.add(self.query.key, at_once=bool(at_once))
        return self._many(limit, place, at_once=bool(at_once), backwards=backwards)

    def _many(self, limit: int, place: Place | None, *, at_once: bool, backwards: bool) -> list[Row[Any]]:
        # Who is sure to be a hit is of the order's own parts: so many fill the page.
        parts_first = at_once or not self.query.sure
        rows = Picking(self.query, self.order, limit, backwards, parts_first).rows(place)
        return self._sorted(self._ranked, limit, place, backwards=backwards) if rows is None else rows

    def _few(self, limit: int, place: Place | None, *, backwards: bool) -> list[Row[Any]]:
        """Of the first hits that are found, those in the window; right as long as there are no more of them.

        The last column tells how many. Nobody, and hardly any time, where so many are sure to be hits.
        """
        found = self._ranked
        if self.query.sure:
            found = found.where(self._sure <= counting.COUNT_BOUND)
        if self.query.by_text and db.engine.dialect.name == "postgresql":
            # Planned as if all were wanted: for a thousand of many it would read the table from its beginning, which
            # is all of it where the hits lie at its end.
            found = select(EVERY).select_from(found.cte("found").prefix_with("MATERIALIZED"))
        hits = found.limit(counting.COUNT_BOUND + 1)
        return self._sorted(hits, limit, place, backwards=backwards, counted=True)

    @cached_property
    def _sure(self) -> ScalarSelect[int]:
        """How many are hits for sure, up to one more than the bound."""
        most = counting.COUNT_BOUND + 1
        ids = select(self.order.id).where(*self.query.along)
        ranges = [ids.where(each.condition).limit(most) for each in self.query.sure]
        sure = union_all(*(select(each.subquery()) for each in ranges)).limit(most)
        return select(func.count()).select_from(sure.subquery()).scalar_subquery()

    @property
    def _ranked(self) -> Select[Any]:
        """What is found, by id and what it is sorted by: by an expression that no index serves, else the planner would
        walk along one.
        """
        parts = [(self.order.condition(rank), rank) for rank in range(len(self.order.parts))]
        rank: Any = case(*parts, else_=len(parts)) if parts else literal(0)
        columns = (self.order.id.label("id"), self.order.unindexed.label("sorted_by"), rank.label("rank"))
        return self.query.found.with_only_columns(*columns)

    def _sorted(
        self, ranked: Select[Any], limit: int, place: Place | None, *, backwards: bool, counted: bool = False
    ) -> list[Row[Any]]:
        """The page of these hits; only its rows are read whole. `counted`: the last column tells how many hits."""
        hits = ranked.cte("hits")
        column = literal_column("hits.sorted_by", self.order.column.type)
        order = replace(self.order, column=column, id=literal_column("hits.id", self.order.id.type))
        page: Select[Any] = select(order.id.label("id"), _RANK.label("rank")).select_from(hits)
        if place:
            later = place.rank > _RANK if backwards else place.rank < _RANK
            page = page.where(or_(later, and_(place.rank == _RANK, order.beyond(place, backwards=backwards))))
        page = page.order_by(_RANK.desc() if backwards else _RANK).limit(limit)
        page = order.sorted(page, backwards=backwards)
        rank = literal_column("page.rank", Integer())
        found_id: ColumnElement[Any] = literal_column("page.id", self.order.id.type)
        query = self.query.rows.join(page.subquery("page"), self.order.id == found_id)
        query = query.add_columns(self.order.column, rank).order_by(rank.desc() if backwards else rank)
        if counted:
            query = query.add_columns(select(func.count()).select_from(hits).scalar_subquery())
        return list(db.session.execute(self.order.sorted(query, backwards=backwards)).all())
