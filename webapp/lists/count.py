"""Bounded counts, whose cost does not grow with the number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select

from webapp.db.session import db

COUNT_BOUND = 1000


@dataclass(frozen=True)
class Count:
    """A number of rows. If it is not `exact`, there are more rows. If it is `estimated`, there are about that many."""

    value: int
    exact: bool
    estimated: bool = False


def count_query(query: Select[Any], *, exact: bool = False) -> Select[Any]:
    """Select the number of rows of `query`. Unless `exact`, count at most COUNT_BOUND + 1."""
    rows = query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if not exact:
        rows = rows.limit(COUNT_BOUND + 1)
    return select(func.count()).select_from(rows.subquery())


def bounded(value: int, *, exact: bool = False) -> Count:
    """Return the result of `count_query` as a Count."""
    return Count(value, exact=True) if exact or value <= COUNT_BOUND else Count(COUNT_BOUND, exact=False)


def counted(query: Select[Any], *, exact: bool = False) -> Count:
    return bounded(db.session.scalar(count_query(query, exact=exact)) or 0, exact=exact)
