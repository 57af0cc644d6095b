"""A list in ascending order of an attribute: people with a value first, then people without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row

from webapp.directory.filters import Filter
from webapp.directory.plan import Matches
from webapp.directory.query import Query
from webapp.lists.count import Count, counted
from webapp.lists.order import Slice
from webapp.lists.page import IndexedRows, Rows


@dataclass(frozen=True)
class ValuesFirst:
    """The rows of a query. The index has people without a value at its start, so they are read as a second part.

    `no_value` is the sort key of people without a value. `estimate` is that of IndexedRows.
    """

    query: Query
    no_value: Any
    estimate: Any = None

    @property
    def last_rank(self) -> int:
        return len(self.query.tiers)

    def fetch(self, part: Slice, *, exact: bool) -> tuple[list[Row[Any]], Count]:
        key = self.query.order.column
        conditions = [key > self.no_value, key == self.no_value]
        if part.backwards:
            conditions.reverse()
        if part.after and (part.after.key == self.no_value) != part.backwards:
            del conditions[0]
        rows: list[Row[Any]] = []
        count: Count | None = None
        for condition in conditions:
            found, number = self._rows(condition).fetch(part, exact=exact)
            if found and not self._is_filtered:
                count = number
            rows += found
            if len(found) >= part.limit:
                break
            part = Slice(part.limit - len(found), backwards=part.backwards)
        return rows, count or counted(self.query.matches, exact=exact)

    @property
    def _is_filtered(self) -> bool:
        return bool(self.query.terms or self.query.filters)

    def _rows(self, condition: ColumnElement[bool]) -> Rows:
        """Return the rows with this condition. Without a filter, they have the count of the whole list."""
        query = self.query
        if self._is_filtered:
            return Matches(replace(query, filters=[*query.filters, Filter(condition)]))
        return IndexedRows(query.matches.where(condition), query.order, self.estimate, counts=query.matches)
