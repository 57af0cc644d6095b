"""Looking for a later word of a sort key without reading all keys: from one first word to the next.

In the order of names everybody called Smirnov lies apart, a few behind each first name. An index leads at once to where
the next first name begins, and behind it to where the word would stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
)

from webapp.db.session import db

# How many first words are looked at.
LEAPS = 500
# After every text that begins as what stands before it.
LAST = "\U0010ffff"
# The first words, each with its separator if there is more behind it, as the statement names them: what is asked of
# each belongs to no table of its own.
_HEADS = table("heads")
_HEAD = literal_column("heads.head", Text())
_FOUND, _STEP = literal_column("heads.found", Integer()), literal_column("heads.step", Integer())


class Leapt(NamedTuple):
    """`rows`: a subquery of each `id` and `key`, not in order, maybe of more than were asked for."""

    rows: Any
    heads: Any

    @property
    def steps(self) -> Select[Any]:
        """How many first words that took."""
        return select(func.max(_STEP)).select_from(self.heads)


@dataclass(frozen=True)
class Leap:
    """Keys between `low` and `high` that go on with `text` after their first word, which ends at the first `separator`:
    `smirn` finds anna smirnova.
    """

    key: Any
    text: str
    low: str = ""
    high: str = LAST
    separator: str = " "

    @cached_property
    def condition(self) -> ColumnElement[bool]:
        rest = func.substr(self.key, self._end(self.key) + 1)
        return and_(self.key >= self.low, self.key < self.high, rest >= self.text, rest < self.text + LAST)

    def hits(
        self,
        conditions: Sequence[ColumnElement[bool]],
        *,
        along: Sequence[ColumnElement[bool]],
        id: Any,
        start: str | None,
        down: bool,
        limit: int,
    ) -> Leapt:
        """The first `limit` rows of which the conditions hold, from the first word of the key `start` on.

        `along` are those of the conditions that the key's index holds.
        """
        key = self.key.desc() if down else self.key
        first = select(self._first_word()).where(*along).order_by(key).limit(1)
        least, most = self.key >= self.low, self.key < self.high
        if start is None:
            anchor = first.where(least, most).scalar_subquery()
        else:
            word, separator, _rest = max(self.low, min(start, self.high)).partition(self.separator)
            anchor = self._literal(word + separator)
        # Sorted, though they are only counted: so PostgreSQL sees that the key's index is the way.
        columns = (id.label("id"), self.key.label("key"))
        behind = select(*columns).where(*conditions, self._behind).order_by(key, id.desc() if down else id)
        behind = behind.limit(limit)
        counted = select(cast(func.count(), Integer)).select_from(behind.subquery()).scalar_subquery()
        # One bound on either side: given two on one, SQLite may begin at the lower one.
        beyond = (least, self.key < _HEAD) if down else (self.key > self._last, most)
        further = select(first.where(*beyond).scalar_subquery(), _FOUND + counted, _STEP + 1).select_from(_HEADS)
        further = further.where(_HEAD.is_not(None), limit > _FOUND, _STEP < LEAPS)
        begin = select(anchor.label("head"), literal(0).label("found"), literal(1).label("step"))
        heads = begin.cte("heads", recursive=True).union_all(further)
        if db.engine.dialect.name == "sqlite":
            rows = select(*columns).join(heads, self._behind).where(*conditions)
        else:
            lateral = behind.lateral("behind")
            rows = select(lateral).select_from(heads.join(lateral, true()))
        return Leapt(rows.subquery("leapt"), heads)

    @cached_property
    def _behind(self) -> ColumnElement[bool]:
        """That `text` follows the head, in words that the key's index serves; nothing does if it has no separator."""
        follows = (self.key >= _HEAD + literal(self.text), self.key < _HEAD + literal(self.text + LAST))
        return and_(self._end(_HEAD) > 0, *follows)

    @property
    def _last(self) -> Any:
        """What no key that begins with the head comes after; of one without a separator that key alone."""
        return case((self._end(_HEAD) > 0, _HEAD + LAST), else_=_HEAD)

    def _literal(self, text: str) -> Any:
        """Compared as the key is, which PostgreSQL wants to be told."""
        return literal(text) if db.engine.dialect.name == "sqlite" else literal(text).collate("C")

    def _first_word(self) -> Any:
        """With the separator, if there is one."""
        return func.substr(self.key, 1, self._end(self.key + self.separator))

    def _end(self, key: Any) -> Any:
        return place_in(key, self.separator)


def place_in(text: Any, part: str) -> Any:
    """Where `part` first stands in `text`, from 1 on; 0 where it does not."""
    place = func.instr if db.engine.dialect.name == "sqlite" else func.strpos
    return place(text, part)
