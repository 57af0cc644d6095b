"""Chooses the sources that fill a page of the list of users (docs/design/search.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, literal, text

from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.directory import sources
from webapp.directory.query import Query
from webapp.directory.ranking import ExactKey, KeyRange
from webapp.directory.skip_scan import SkipScan
from webapp.directory.sources import (
    BY_NAME,
    UNBOUNDED,
    ExactMatch,
    OrderedScan,
    PrefixRange,
    Source,
    TopK,
    fetch_together,
)
from webapp.lists import count as counting
from webapp.lists.count import Count, bounded, count_query, counted
from webapp.lists.order import Slice

_PART, _NUMBER = "part{part} (number) AS ({sql})", "(SELECT number FROM part{part})"


def plan(query: Query) -> list[Source]:
    """Return a source for each tier, the best tier first, and a last source for all other matches."""
    chosen: list[Source] = []
    for rank, tier in enumerate(query.tiers):
        if isinstance(tier, ExactKey):
            chosen.append(ExactMatch(query, rank, tier))
        elif query.other_filters or not tier.implied:
            chosen.append(OrderedScan(query, rank, tier))
        elif isinstance(tier, KeyRange):
            chosen.append(PrefixRange(query, rank, tier))
        else:
            chosen.append(SkipScan(query, rank, tier))
    return [*chosen, OrderedScan(query, len(query.tiers))]


class TooBroad(Refused):
    """No index finds the matches, and too few of the first people match."""

    def __init__(self) -> None:
        super().__init__(_("Too few people match to find them like this. Add a word that is part of their names."))


@dataclass(frozen=True)
class Matches:
    """The rows of a query that has words or filters. `last_rank` is the rank of matches that no tier contains."""

    query: Query

    @property
    def last_rank(self) -> int:
        return len(self.query.tiers)

    def fetch(self, part: Slice, *, exact: bool) -> tuple[list[Row[Any]], Count]:
        rows, number = self._fetch(part)
        return rows, counted(self.query.matches, exact=True) if exact else bounded(number)

    def _fetch(self, part: Slice) -> tuple[list[Row[Any]], int]:
        """Return the rows, and the number of matches up to COUNT_BOUND + 1."""
        query, many = self.query, counting.COUNT_BOUND + 1
        if query.needs_scan:
            scan = OrderedScan(query, 0)
            if scan.is_cut_off(Slice(0)):
                rows = fetch_in_turn([scan], part)
                if rows is None or (db.session.scalar(scan.count(many)) or 0) < many:
                    raise TooBroad
                return rows, many
        if not is_dense(query):
            rows = TopK(query, many).fetch(part)
            number = rows[0][-1] if rows else 0
            if not rows and part.after is not None:
                number = db.session.scalar(count_query(query.matches)) or 0
            if number < many:
                return rows, number
        rows = fetch_in_turn(plan(query), part)
        return self._fetch_without_bound(part) if rows is None else rows, many

    def _fetch_without_bound(self, part: Slice) -> list[Row[Any]]:
        """Return the rows if the matches are too far apart for bounded scans: sort all matches, or scan all rows."""
        query = self.query
        held = not query.word_filters and all(each.range for each in query.other_filters)
        if held and db.session.scalar(query.matches.with_only_columns(literal(1)).offset(sources.SCAN_BOUND).limit(1)):
            # The index of the sort order decides all filters, and there are more matches than a bounded scan reads.
            return OrderedScan(query, 0, bound=UNBOUNDED).fetch(part)
        return TopK(query).fetch(part)


def is_dense(query: Query) -> bool:
    """Return whether the index of names shows that a word has more than COUNT_BOUND matches.

    For `smirnov` among a million people this takes 0.7 ms. The text index takes 10 ms to find a thousand matches. The
    statement is raw SQL, because SQLAlchemy takes longer to build it than PostgreSQL takes to execute it. It is
    prepared, because planning takes 1.4 of its 2.1 ms. There are few different statements: one for each status and
    number of spellings.
    """
    if len(query.word_filters) != 1 or query.other_filters:
        return False
    many = counting.COUNT_BOUND + 1
    by_name = plan(replace(query, order=BY_NAME))
    counts = [each.count_sql(many) for each in by_name if isinstance(each, PrefixRange | SkipScan)]
    if not counts:
        return False
    parts = ", ".join(_PART.format(part=part, sql=sql) for part, (sql, _values) in enumerate(counts))
    numbers = [_NUMBER.format(part=part) for part in range(len(counts))]
    # The database stops at the first sum that is large enough.
    sums = " OR ".join(f"{' + '.join(numbers[: last + 1])} >= {many}" for last in range(len(numbers)))
    values = {name: value for _sql, each in counts for name, value in each.items()}
    statement = text(f"WITH {parts} SELECT {sums}").execution_options(**{PREPARED: tuple(values)})
    return bool(db.session.scalar(statement, values))


def fetch_in_turn(chosen: Sequence[Source], part: Slice) -> list[Row[Any]] | None:
    """Return the first rows of the sources, one source after the other.

    Return None if a source was cut off before the page was full. One statement reads the sources up to the next one
    that can be cut off.
    """
    rows: list[Row[Any]] = []
    batch: list[Select[Any]] = []
    for source in reversed(chosen) if part.backwards else chosen:
        after = part.after
        if after is not None and after.rank != source.rank:
            if (after.rank > source.rank) != part.backwards:
                continue
            # All rows of this tier are after the cursor.
            after = None
        here = replace(part, after=after)
        batch.append(source.select(here))
        if not source.bounded:
            continue
        rows, batch = rows + fetch_together(source.query, batch, part), []
        if len(rows) >= part.limit:
            return rows[: part.limit]
        if source.is_cut_off(here):
            return None
    return (rows + (fetch_together(chosen[0].query, batch, part) if batch else []))[: part.limit]
