"""In which order a list stands, and where in it something lies: sorted by (x, id), as an index of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.lists.skip_scan import LAST, Leap

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True)
class Beginning:
    """Keys that begin with `text`."""

    key: Any
    text: str

    @property
    def low(self) -> str:
        return self.text

    @property
    def high(self) -> str:
        """What comes after all of them."""
        return self.text + LAST

    @cached_property
    def condition(self) -> ColumnElement[bool]:
        return and_(self.key >= self.low, self.key < self.high)


Part = ColumnElement[bool] | Beginning | Leap


@dataclass(frozen=True)
class Place:
    """Between two rows of a list; without an id before everything of this value. `rank` counts along `Order.parts`."""

    rank: int
    value: Any
    id: UUID | None


@dataclass(frozen=True)
class Range:
    """Rows whose `column` is `low` or more, and less than `high`; None is no bound.

    `beside`: what lists are sorted by where the order's index holds this column too.
    """

    column: Any
    low: Any
    high: Any
    beside: Sequence[Any] = ()

    def condition(self, column: Any) -> ColumnElement[bool]:
        """In terms of `column`."""
        low = [] if self.low is None else [column >= self.low]
        high = [] if self.high is None else [column < self.high]
        return and_(true(), *low, *high)

    def beyond(self, place: Place | None, *, down: bool) -> ColumnElement[bool]:
        """What is left to ask of rows that lie beyond `place`.

        Given two bounds on one side, SQLite may begin at the farther one.
        """
        span = self
        if place is not None and place.id is not None:
            if down and self.high is not None and place.value < self.high:
                span = replace(self, high=None)
            elif not down and self.low is not None and place.value >= self.low:
                span = replace(self, low=None)
        return span.condition(self.column)


@dataclass(frozen=True)
class Order:
    """By `column`, then by `id` in the same direction; `name` is what stands in the address: `-created`.

    `column` is never NULL. Rows of which a condition of `first` holds come before all others, then those of `whole`,
    which have all that is looked for, then those of `sooner`, which have some of it; in each those of the first
    condition before those of the second. An index serves each; of `first` it gives few rows, of the others, along the
    order, many, or leads to them leap by leap.
    """

    name: str
    column: Column
    id: Column
    descending: bool
    first: Sequence[ColumnElement[bool]] = ()
    whole: Sequence[Part] = ()
    sooner: Sequence[Part] = ()

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Any], id: Any, **parts: Sequence[Any]) -> Order:
        """The order called `name`, with a leading minus for descending; KeyError when there is none."""
        return cls(name, columns[name.removeprefix("-")], id, name.startswith("-"), **parts)

    @cached_property
    def parts(self) -> Sequence[Part]:
        """What makes a rank: the place of the first of these that holds of a row."""
        return [*self.first, *self.whole, *self.sooner]

    def part(self, rank: int) -> Part | None:
        """None for all the rest."""
        return self.parts[rank] if rank < len(self.parts) else None

    def condition(self, rank: int) -> ColumnElement[bool]:
        """That a row is of this part, or of one before."""
        part = self.parts[rank]
        return part.condition if isinstance(part, (Beginning, Leap)) else part

    def before(self, rank: int) -> list[ColumnElement[bool]]:
        """That a row is of none of the parts before, as far as it could be."""
        part = self.part(rank)
        return [self._other_than(each) for each in range(rank) if not _lie_apart(self.parts[each], part)]

    def _other_than(self, rank: int) -> ColumnElement[bool]:
        if rank not in self._others:
            self._others[rank] = not_(self.condition(rank))
        return self._others[rank]

    @cached_property
    def _others(self) -> dict[int, ColumnElement[bool]]:
        return {}

    @cached_property
    def unindexed(self) -> Column:
        """For what is sorted and not looked for along the whole order."""
        return unindexed(self.column)

    def sorted(self, query: Select[Any], *, backwards: bool, by: Any = None) -> Select[Any]:
        """`query` in this order, or the other way round; `by` stands for the column."""
        by = self.column if by is None else by
        down = self.descending != backwards
        return query.order_by(*((by.desc(), self.id.desc()) if down else (by.asc(), self.id.asc())))

    def beyond(self, place: Place, *, backwards: bool, by: Any = None) -> ColumnElement[bool]:
        """What lies after `place`, or before it; `by` stands for the column."""
        by = self.column if by is None else by
        down = self.descending != backwards
        value = literal(place.value, self.column.type)
        if place.id is None:
            from_value: ColumnElement[bool] = by <= value if down else by >= value
            return from_value
        here: ColumnElement[Any] = tuple_(by, self.id)
        there = tuple_(value, literal(place.id, self.id.type))
        return here < there if down else here > there


def unindexed(column: Column) -> Column:
    """The column as no index has it."""
    return func.coalesce(column, column)


def _lie_apart(one: Part, other: Part | None) -> bool:
    """Whether no key can be of both, as far as that is easy to see."""
    if not isinstance(one, Beginning | Leap) or not isinstance(other, Beginning | Leap):
        return False
    if one.high <= other.low or other.high <= one.low:
        return True
    leap = isinstance(one, Leap) and isinstance(other, Leap)
    return leap and not (one.text.startswith(other.text) or other.text.startswith(one.text))
