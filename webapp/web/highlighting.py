"""Marking in a text what was searched for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from webapp.core.text import fold_text, phonetic_key, split_words

MARK = Markup("<mark>{}</mark>")


@dataclass(eq=False)
class _Wanted:
    words: frozenset[str]
    sounds: tuple[str, ...]
    pattern: re.Pattern[str] | None


def highlight(text: str, query: str) -> Markup:
    """`text` with what the words of `query` find in it marked, also where it only sounds so."""
    wanted = _wanted(query)
    plain, spots = (text.lower(), None) if text.isascii() else _folding(text)
    pattern = wanted.pattern
    if not all(map(plain.__contains__, wanted.words)):
        sounding = [part for word in split_words(plain) for part in _sounding(word, wanted)]
        if sounding:
            pattern = _pattern(wanted.words.union(sounding))
    if pattern is None:
        return escape(text)
    html, end = Markup(), 0
    for match in pattern.finditer(plain):
        start, stop = match.span()
        if spots:
            start, stop = max(spots[start], end), max(spots[stop], spots[stop - 1] + 1)
        if start < stop:
            html += text[end:start]
            html += MARK.format(text[start:stop])
            end = stop
    return html + text[end:]


# A page marks the same query in a hundred texts.
@lru_cache(maxsize=100)
def _wanted(query: str) -> _Wanted:
    words = frozenset(fold_text(query).split())
    sounds = (sound for word in words for part in (word, *split_words(word)) if (sound := phonetic_key(part)))
    return _Wanted(words, tuple(sounds), _pattern(words))


@lru_cache(maxsize=1000)
def _pattern(parts: frozenset[str]) -> re.Pattern[str] | None:
    """Of parts that begin alike the longer one is found."""
    return re.compile("|".join(map(re.escape, sorted(parts, key=len, reverse=True)))) if parts else None


def _folding(text: str) -> tuple[str, Sequence[int] | None]:
    """`text` folded, and where in it each letter of that comes from: of the ss in Grossmann both from one ß.

    None where each comes from the one in its place.
    """
    letters = [*map(_letter, text)]
    if all(len(letter) == 1 for letter in letters):
        return "".join(letters), None
    spots = [spot for spot, letter in enumerate(letters) for _part in letter]
    return "".join(letters), [*spots, len(text)]


@lru_cache(maxsize=5000)
def _letter(letter: str) -> str:
    return fold_text(letter) or letter * letter.isspace()


# Hits of one page share their names.
@lru_cache(maxsize=10_000)
def _sounding(word: str, wanted: _Wanted) -> tuple[str, ...]:
    """The parts of `word` that sound as wanted without being spelled so: михаил for mikhail."""
    if any(part in word for part in wanted.words):
        return ()
    return tuple(_within(word, sound) for sound in wanted.sounds if sound in phonetic_key(word))


def _within(word: str, sound: str) -> str:
    """The shortest part of `word` that holds `sound`."""
    while sound in phonetic_key(word[1:]):
        word = word[1:]
    while sound in phonetic_key(word[:-1]):
        word = word[:-1]
    return word
