"""The skip scan (loose index scan) that finds a second word of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, TextClause, Uuid, bindparam, column, literal, select, text

from webapp.db.session import db
from webapp.directory.filters import LAST
from webapp.directory.index import search_index
from webapp.directory.ranking import SecondWord
from webapp.directory.sources import Source
from webapp.lists.order import Slice

# A scan reads this many first words. If there are more, it is cut off.
SKIP_BOUND = 500

_HEADS = """
WITH RECURSIVE heads (head, found, step) AS (
    SELECT {start}, CAST(0 AS bigint), 1
    UNION ALL
    SELECT (SELECT {first_word} FROM users WHERE {listed} AND {next} ORDER BY {key} {direction} LIMIT 1),
        found + (SELECT count(*) FROM (SELECT 1 FROM users WHERE {listed} AND {behind} LIMIT :limit) AS counted),
        step + 1
    FROM heads WHERE head IS NOT NULL AND found < :limit AND step < :steps
)
"""
_FIRST_HEAD = "(SELECT {first_word} FROM users WHERE {listed} AND {range} ORDER BY {key} {direction} LIMIT 1)"


@dataclass(frozen=True)
class SkipScan(Source):
    """The keys whose second word begins with a text. Every row that the scan finds matches.

    In the order of names the people called Smirnov lie apart, a few behind each first name. The recursion goes from
    one first word, the head, to the next, with one look into the index, and with another one to the rows behind it.
    """

    tier: SecondWord
    bounded = True

    def select(self, part: Slice) -> Select[Any]:
        tiers = [self.query.tier_sql(rank) for rank in range(self.rank)]
        tests = "".join(f" AND NOT {sql}" for sql, _values in tiers)
        values: dict[str, Any] = {name: value for _sql, each in tiers for name, value in each.items()}
        order = self.query.order
        if part.after is not None:
            # Not by the index: the head is its bound, and of two bounds SQLite may take the farther one.
            key = f"coalesce(users.{order.column.key}, users.{order.column.key})"
            tests += f" AND ({key}, users.id) {'<' if order.goes_down(part) else '>'} (:after_key, :after_id)"
            values |= {"after_key": part.after.key, "after_id": part.after.id}
        scan = self._scan(part, search_index().SKIP_SCAN_ROWS, tests, values)
        rows = scan.columns(column("id", Uuid()), column("sort_key", Text())).subquery(f"scan{self.rank}")
        query = select(rows.c.id, literal(self.rank).label("rank"))
        return order.sorted(query, part, key=rows.c.sort_key, id=rows.c.id).limit(part.limit)

    def count(self, limit: int) -> ColumnElement[int]:
        """How many there are behind the first fifty heads, up to `limit`."""
        scan = self._scan(Slice(limit), "SELECT coalesce(max(found), 0) AS found FROM heads", steps=50)
        return select(scan.columns(column("found", Integer())).subquery(f"count{self.rank}").c.found).scalar_subquery()

    def is_cut_off(self, part: Slice) -> bool:
        return bool(db.session.scalar(self._scan(part, "SELECT max(step) FROM heads")) == SKIP_BOUND)

    def _scan(
        self, part: Slice, result: str, tests: str = "", values: Mapping[str, Any] | None = None, steps: int = 0
    ) -> TextClause:
        """Select `result` of the heads; `tests` are further conditions on the rows behind them."""
        tier, index, order = self.tier, search_index(), self.query.order
        down, separator = order.goes_down(part), f"'{tier.separator}'"
        key = f"users.{order.column.key}"
        ends = f"{index.POSITION}(head, {separator}) > 0"
        names = {
            "key": key,
            "first_word": f"substr({key}, 1, {index.POSITION}({key} || {separator}, {separator}))",
            "listed": index.listed(self.query.status),
            "range": f"{key} >= :low AND {key} < :high",
            # A head without a separator is a whole key: nothing is behind it, but longer keys may come next.
            "next": f"{key} >= :low AND {key} < head"
            if down
            else f"{key} > CASE WHEN {ends} THEN head || :last ELSE head END AND {key} < :high",
            "behind": f"{ends} AND {key} >= head || :text AND {key} < head || :end{tests}",
            "direction": "DESC" if down else "ASC",
        }
        given: dict[str, Any] = {"text": tier.text, "end": tier.text + LAST, "last": LAST}
        given |= {
            "low": tier.low,
            "high": tier.high,
            "limit": part.limit,
            "steps": steps or SKIP_BOUND,
            **(values or {}),
        }
        start = _FIRST_HEAD
        if part.after is not None:
            start = f"CAST(:start AS text) {index.COLLATION}"
            given["start"] = "".join(part.after.key.partition(tier.separator)[:2])
        sql = _HEADS.replace("{start}", start).format(**names) + result.format(**names)
        return text(sql).bindparams(
            *(bindparam(name, value, unique=True) for name, value in given.items() if f":{name}" in sql)
        )
