"""In which order a list stands, and where in it something lies: sorted by (x, id), as an index of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core.leaping import Leap

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True)
class Place:
    """Between two rows of a list; without an id before everything of this value. `rank` counts along `Order.parts`."""

    rank: int
    value: Any
    id: UUID | None


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
    whole: Sequence[ColumnElement[bool]] = ()
    sooner: Sequence[ColumnElement[bool] | Leap] = ()

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Any], id: Any, **parts: Sequence[Any]) -> Order:
        """The order called `name`, with a leading minus for descending; KeyError when there is none."""
        return cls(name, columns[name.removeprefix("-")], id, name.startswith("-"), **parts)

    @cached_property
    def parts(self) -> Sequence[ColumnElement[bool] | Leap]:
        """What makes a rank: the place of the first of these that holds of a row."""
        return [*self.first, *self.whole, *self.sooner]

    def condition(self, rank: int) -> ColumnElement[bool]:
        """That a row is of this part, or of one before."""
        part = self.parts[rank]
        return part.condition if isinstance(part, Leap) else part

    @cached_property
    def unindexed(self) -> Column:
        """The column as no index has it, for what is sorted and not looked for along the whole order."""
        return func.coalesce(self.column, self.column)

    def leap(self, rank: int) -> Leap | None:
        """What leads to the rows of this rank, where an index along the order would not do."""
        part = self.parts[rank] if rank < len(self.parts) else None
        return part if isinstance(part, Leap) else None

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
