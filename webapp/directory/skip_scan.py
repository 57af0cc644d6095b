"""The skip scan (loose index scan) that finds a second word of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, TextClause, Uuid, column, literal, select, text

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
        found + (SELECT count(*) FROM (SELECT 1 FROM users WHERE {listed} AND {behind} LIMIT {limit}) AS counted),
        step + 1
    FROM heads WHERE head IS NOT NULL AND found < {limit} AND step < {steps}
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
        order, index = self.query.order, search_index()
        tiers = [self.query.tier_sql(rank) for rank in range(self.rank)]
        tests = "".join(f" AND NOT {sql}" for sql, _values in tiers)
        values: dict[str, Any] = {name: value for _sql, each in tiers for name, value in each.items()}
        if part.after is not None:
            # Not by the index: the head is its bound, and of two bounds SQLite may take the farther one.
            key, name = f"coalesce(users.{order.column.key}, users.{order.column.key})", f"scan{self.rank}_after"
            tests += f" AND ({key}, users.id) {'<' if order.goes_down(part) else '>'} (:{name}, :{name}_id)"
            values |= {name: part.after.key, f"{name}_id": part.after.id}
        sql, more = self._scan(part, index.SKIP_SCAN_ROWS, tests)
        rows = _bound(sql, more | values).columns(column("id", Uuid()), column("sort_key", Text()))
        scan = rows.subquery(f"scan{self.rank}")
        query = select(scan.c.id, literal(self.rank).label("rank"))
        return order.sorted(query, part, key=scan.c.sort_key, id=scan.c.id).limit(part.limit)

    def count_sql(self, limit: int) -> tuple[str, dict[str, Any]]:
        """SQL that counts the rows behind the first fifty heads, up to `limit`, and its parameters."""
        tests, values = self.query.not_counted_before(self.rank)
        sql, more = self._scan(Slice(limit), "SELECT coalesce(max(found), 0) FROM heads", tests, steps=50)
        return sql, values | more

    def is_cut_off(self, part: Slice) -> bool:
        return bool(db.session.scalar(_bound(*self._scan(part, "SELECT max(step) FROM heads"))) == SKIP_BOUND)

    def _scan(self, part: Slice, result: str, tests: str = "", steps: int = SKIP_BOUND) -> tuple[str, dict[str, Any]]:
        """The SQL that selects `result` of the heads, and its parameters, whose names are the scan's own."""
        tier, index, order = self.tier, search_index(), self.query.order
        down, separator = order.goes_down(part), f"'{tier.separator}'"
        key, own = f"users.{order.column.key}", f":scan{self.rank}"
        ends = f"{index.POSITION}(head, {separator}) > 0"
        names = {
            "key": key,
            "first_word": f"substr({key}, 1, {index.POSITION}({key} || {separator}, {separator}))",
            "listed": index.listed(self.query.status),
            "range": f"{key} >= {own}_low AND {key} < {own}_high",
            # A head without a separator is a whole key: nothing is behind it, but longer keys may come next.
            "next": f"{key} >= {own}_low AND {key} < head"
            if down
            else f"{key} > CASE WHEN {ends} THEN head || {own}_last ELSE head END AND {key} < {own}_high",
            "behind": f"{ends} AND {key} >= head || {own}_text AND {key} < head || {own}_end{tests}",
            "direction": "DESC" if down else "ASC",
            "limit": f"{own}_limit",
            "steps": f"{own}_steps",
        }
        values: dict[str, Any] = {"text": tier.text, "end": tier.text + LAST, "last": LAST}
        values |= {"low": tier.low, "high": tier.high, "limit": part.limit, "steps": steps}
        start = _FIRST_HEAD
        if part.after is not None:
            start = f"CAST({own}_start AS text) {index.COLLATION}"
            values["start"] = "".join(part.after.key.partition(tier.separator)[:2])
        sql = (_HEADS.replace("{start}", start) + result).format(**names)
        return sql, {f"{own[1:]}_{name}": value for name, value in values.items() if f"{own}_{name}" in sql}


def _bound(sql: str, values: Mapping[str, Any]) -> TextClause:
    return text(sql).bindparams(**values)
