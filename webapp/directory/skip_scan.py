"""The skip scan (loose index scan) that finds keys by their second word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, TextClause, Uuid, column, literal, select, text

from webapp.db.session import db
from webapp.directory.filters import MAX_CHARACTER
from webapp.directory.index import search_index
from webapp.directory.ranking import SecondWord
from webapp.directory.sources import Source
from webapp.lists.order import Slice

# A scan reads at most this many first words. If there are more, it is cut off.
SKIP_BOUND = 500

_FIRST_WORDS = """
WITH RECURSIVE first_words (word, found, step) AS (
    SELECT {start}, CAST(0 AS bigint), 1
    UNION ALL
    SELECT (SELECT {first_word} FROM users WHERE {has_status} AND {next} ORDER BY {key} {direction} LIMIT 1),
        found + (SELECT count(*) FROM (SELECT 1 FROM users WHERE {has_status} AND {matches} LIMIT {limit}) AS counted),
        step + 1
    FROM first_words WHERE word IS NOT NULL AND found < {limit} AND step < {steps}
)
"""
_START = "(SELECT {first_word} FROM users WHERE {has_status} AND {range} ORDER BY {key} {direction} LIMIT 1)"


@dataclass(frozen=True)
class SkipScan(Source):
    """The keys with a second word that starts with a text. Each row that the scan finds matches.

    Sorted by name, the people with the family name Smirnov are far apart: a few for each first name. The recursive
    query uses one index lookup to find the next first word, and another one to find the matches with this first word.
    """

    tier: SecondWord
    bounded = True

    def select(self, part: Slice) -> Select[Any]:
        rows = self._page(part, search_index().SKIP_SCAN_ROWS)
        scan = rows.columns(column("id", Uuid()), column("sort_key", Text())).subquery(f"scan{self.rank}")
        query = select(scan.c.id, literal(self.rank).label("rank"))
        return self.query.order.sorted(query, part, key=scan.c.sort_key, id=scan.c.id).limit(part.limit)

    def count_sql(self, limit: int) -> tuple[str, dict[str, Any]]:
        """Return SQL that counts the matches with the first fifty first words, up to `limit`, and its parameters."""
        tests, values = self.query.sql_of_no_tier_before(self.rank, exact=False)
        sql, more = self._scan(Slice(limit), "SELECT coalesce(max(found), 0) FROM first_words", tests, steps=50)
        return sql, values | more

    def is_cut_off(self, part: Slice) -> bool:
        return bool(db.session.scalar(self._page(part, "SELECT max(step) FROM first_words")) == SKIP_BOUND)

    def _page(self, part: Slice, result: str) -> TextClause:
        """Return the scan of the matches that are in no earlier tier and after the cursor."""
        order = self.query.order
        tests, values = self.query.sql_of_no_tier_before(self.rank)
        if part.after is not None:
            # coalesce() hides the key from the index. If a key has two bounds, SQLite may choose the farther one.
            key, name = f"coalesce(users.{order.column.key}, users.{order.column.key})", f"scan{self.rank}_after"
            tests += f" AND ({key}, users.id) {'<' if order.is_descending(part) else '>'} (:{name}, :{name}_id)"
            values |= {name: part.after.key, f"{name}_id": part.after.id}
        sql, more = self._scan(part, result, tests, steps=SKIP_BOUND)
        return text(sql).bindparams(**values, **more)

    def _scan(self, part: Slice, result: str, tests: str, *, steps: int) -> tuple[str, dict[str, Any]]:
        """Return SQL that selects `result` from the first words, and its parameters. Their names contain the rank."""
        tier, index, order = self.tier, search_index(), self.query.order
        down, separator = order.is_descending(part), f"'{tier.separator}'"
        key, own = f"users.{order.column.key}", f":scan{self.rank}"
        has_separator = f"{index.POSITION}(word, {separator}) > 0"
        names = {
            "key": key,
            "first_word": f"substr({key}, 1, {index.POSITION}({key} || {separator}, {separator}))",
            "has_status": self.query.status_sql,
            "range": f"{key} >= {own}_low AND {key} < {own}_high",
            # A word without a separator is a whole key. It has no second word, but longer keys may come next.
            "next": f"{key} >= {own}_low AND {key} < word"
            if down
            else f"{key} > CASE WHEN {has_separator} THEN word || {own}_last ELSE word END AND {key} < {own}_high",
            "matches": f"{has_separator} AND {key} >= word || {own}_text AND {key} < word || {own}_end{tests}",
            "direction": "DESC" if down else "ASC",
            "limit": f"{own}_limit",
            "steps": f"{own}_steps",
        }
        values: dict[str, Any] = {"text": tier.text, "end": tier.text + MAX_CHARACTER, "last": MAX_CHARACTER}
        values |= {"low": tier.low, "high": tier.high, "limit": part.limit, "steps": steps}
        start = _START
        if part.after is not None:
            start = f"CAST({own}_start AS text) {index.COLLATION}"
            values["start"] = "".join(part.after.key.partition(tier.separator)[:2])
        sql = (_FIRST_WORDS.replace("{start}", start) + result).format(**names)
        return sql, {f"{own[1:]}_{name}": value for name, value in values.items() if f"{own}_{name}" in sql}
