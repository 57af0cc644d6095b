"""How many rows there are: exactly, or up to a bound, which costs the same at any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select

from webapp.db.session import db

COUNT_BOUND = 1000


@dataclass(frozen=True)
class Count:
    """How many there are; not exact: more than `value`, or about as many where it was `counted_before`."""

    value: int
    exact: bool
    counted_before: bool = False


def number_of(query: Select[Any], *, exact: bool) -> Select[Any]:
    """What gives the number of rows of `query`; not exact: of one more than COUNT_BOUND at most."""
    rows = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if not exact:
        rows = rows.limit(COUNT_BOUND + 1)
    return select(func.count()).select_from(rows.subquery())


def bounded(value: int, *, exact: bool) -> Count:
    """What `number_of` gave, as a Count."""
    return Count(value, exact=True) if exact or value <= COUNT_BOUND else Count(COUNT_BOUND, exact=False)


def counted(query: Select[Any], *, exact: bool = False) -> Count:
    """How many rows `query` has."""
    return bounded(db.session.scalar(number_of(query, exact=exact)) or 0, exact=exact)
