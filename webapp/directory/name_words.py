"""Counts the words of names, and finds words that are spelled almost like another one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, bindparam, case, delete, func, select, union_all

from webapp.core.spellings import phonetic_key, to_cyrillic
from webapp.core.text import fold_text
from webapp.db.session import NO_SYNC, db
from webapp.directory.filters import MAX_CHARACTER
from webapp.directory.index import search_index
from webapp.directory.models import WORD_MAX, WORD_MIN, NameWord
from webapp.users.models import User

_WORDS: Select[Any] = select(*NameWord.__table__.c["word", "spelling", "people"])
# How many words with the same half are compared, the most common ones. Longer words may differ in two letters.
COMPARED, LONG = 200, 7
_VALUES = ("start", "end", "shortest", "longest")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—.,()]+")
# The number of rows of one INSERT. SQLite allows 32,766 values.
INSERTED = 2000


def count_words(run: int, *, after: UUID | None, limit: int) -> tuple[UUID | None, int]:
    """Count the words of the next `limit` people by ID. Return the last ID, or None at the end, and their number.

    `run` numbers the passes through all people.
    """
    query = select(User.id, User.name, User.deleted_at).order_by(User.id).limit(limit)
    rows = db.session.execute(query if after is None else query.where(User.id > after)).all()
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for word, spelling in {} if row.deleted_at else dict(_words(row.name)).items():
            spellings[word][spelling] += 1
    words = sorted(spellings.items())
    for start in range(0, len(words), INSERTED):
        _add(words[start : start + INSERTED], run)
    return (rows[-1].id if len(rows) == limit else None), len(rows)


def delete_unused_words(run: int) -> None:
    """Delete the words that this run has not counted: no one has them any more."""
    unused = delete(NameWord).where(NameWord.run != run)
    db.session.execute(unused, execution_options=NO_SYNC)


def _words(name: str) -> Iterator[tuple[str, str]]:
    for spelling in _SEPARATORS.split(name):
        word = _folded(spelling)
        if WORD_MIN <= len(word) <= WORD_MAX and len(spelling) <= WORD_MAX and word.isalpha():
            yield word, spelling.capitalize() if spelling.isupper() else spelling


@lru_cache(maxsize=10_000)
def _folded(word: str) -> str:
    return fold_text(word)


def _add(spellings: Iterable[tuple[str, Counter[str]]], run: int) -> None:
    rows = [
        {
            "word": word,
            "reverse": word[::-1],
            "spelling": found.most_common(1)[0][0],
            "people": found.total(),
            "run": run,
        }
        for word, found in spellings
    ]
    statement = search_index().INSERT(NameWord.__table__).values(rows)
    new = statement.excluded
    people = new.people + case((NameWord.run == new.run, NameWord.people), else_=0)
    values = {"people": people, "spelling": new.spelling, "run": new.run}
    db.session.execute(statement.on_conflict_do_update(index_elements=["word"], set_=values))


def similar_words(texts: Iterable[str], others: Iterable[str]) -> list[NameWord]:
    """Return the words that may be spelled almost like one of `texts`, and those of `others`, in one statement.

    A word with one wrong, missing or added letter has the first or the second half of the text. Swapped letters in the
    middle are looked up as they are.
    """
    texts = list(texts)
    exact = {*texts, *others}
    values: dict[str, Any] = {}
    for number, text in enumerate(texts):
        half = len(text) // 2
        exact.add(text[: half - 1] + text[half] + text[half - 1] + text[half + 1 :])
        values |= _beginning_values(f"first{number}", text, text[:half])
        values |= _beginning_values(f"second{number}", text, text[half:][::-1])
    statement = _similar_statement(len(texts))
    return [NameWord(**row) for row in db.session.execute(statement, values | {"exact": sorted(exact)}).mappings()]


@cache
def _similar_statement(texts: int) -> CompoundSelect[Any]:
    """Build the statement once for each number of texts: building takes longer than the database needs."""
    parts = [_WORDS.where(NameWord.word.in_(bindparam("exact", expanding=True)))]
    for number in range(texts):
        parts += [_beginning(NameWord.word, f"first{number}"), _beginning(NameWord.reverse, f"second{number}")]
    return union_all(*(select(each.subquery()) for each in parts))


def _beginning(column: Any, name: str) -> Select[Any]:
    values: Iterator[Any] = (bindparam(f"{name}_{part}") for part in _VALUES)
    start, end, shortest, longest = values
    length = func.length(NameWord.word).between(shortest, longest)
    begins: Select[Any] = _WORDS.where(column >= start, column < end, length)
    return begins.order_by(NameWord.people.desc()).limit(COMPARED)


def _beginning_values(name: str, text: str, beginning: str) -> dict[str, Any]:
    slack = _slack(text)
    values = (beginning, beginning + MAX_CHARACTER, len(text) - slack, len(text) + slack)
    return {f"{name}_{part}": value for part, value in zip(_VALUES, values, strict=True)}


def _slack(text: str) -> int:
    return 2 if len(text) >= LONG else 1


def forms_of(word: str) -> list[str]:
    """Return a folded word and its form in the other script, if they are long enough to be compared."""
    other = to_cyrillic(word) if word.isascii() else phonetic_key(word)
    return [form for form in dict.fromkeys([word, other]) if len(form) >= WORD_MIN]


def nearest(word: str, words: Sequence[NameWord], limit: int) -> list[NameWord]:
    """Return the words that are spelled almost like `word`, the most similar first. Words of one sound count once."""
    forms = forms_of(word)
    best: dict[str, tuple[tuple[bool, int, int], NameWord]] = {}
    for each in words:
        costs = [cost for form in forms if (cost := difference(form, each.word)) <= _slack(form)]
        if costs:
            order = each.word.isascii() != word.isascii(), min(costs), -each.people
            sound = phonetic_key(each.word)
            best[sound] = min(best.get(sound, (order, each)), (order, each), key=lambda pair: pair[0])
    return [each for _order, each in sorted(best.values(), key=lambda pair: pair[0])][:limit]


def difference(one: str, other: str) -> int:
    """Return how many letters next to one another differ: 1 if two are swapped, or one is wrong, missing or added."""
    start = _common(one, other)
    one, other = one[start:], other[start:]
    end = _common(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    swapped = len(one) == 2 and one == other[::-1]
    return 1 if swapped else max(len(one), len(other))


def _common(one: str, other: str) -> int:
    """Return the number of letters at the start of both texts."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
