"""Marks the matches of a search in a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from webapp.core.spellings import sound_keys
from webapp.core.text import fold_text, split_words

# Folding removes them.
APOSTROPHE = re.compile("['`]")


@dataclass(eq=False)
class _Terms:
    words: frozenset[str]
    sounds: tuple[str, ...]
    pattern: re.Pattern[str] | None


def highlight(text: str, query: str) -> Markup:
    """Return `text` as HTML with `<mark>` around the matches of the words of `query`, also phonetic matches."""
    terms = _terms(query)
    folded, positions = (text.lower(), None) if text.isascii() and not APOSTROPHE.search(text) else _fold(text)
    pattern = terms.pattern
    if not all(map(folded.__contains__, terms.words)):
        phonetic = [part for word in split_words(folded) for part in _phonetic_matches(word, terms)]
        if phonetic:
            pattern = _pattern(terms.words.union(phonetic))
    if pattern is None:
        return escape(text)
    parts: list[str] = []
    end = 0
    for match in pattern.finditer(folded):
        start, stop = match.span()
        if positions:
            start, stop = max(positions[start], end), max(positions[stop], positions[stop - 1] + 1)
        if start < stop:
            parts += escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"
            end = stop
    # Not the `join` of Markup, which would escape each part again.
    return Markup("".join([*parts, escape(text[end:])]))  # noqa: S704


# A page highlights one query in a hundred texts.
@lru_cache(maxsize=100)
def _terms(query: str) -> _Terms:
    words = frozenset(fold_text(query).split())
    parts = (part for word in words for part in (word, *split_words(word)))
    sounds = tuple(sound for part in parts for sound in sound_keys(part) if sound)
    return _Terms(words, sounds, _pattern(words))


@lru_cache(maxsize=1000)
def _pattern(parts: frozenset[str]) -> re.Pattern[str] | None:
    """Return a pattern that prefers the longest of several parts with the same beginning."""
    return re.compile("|".join(map(re.escape, sorted(parts, key=len, reverse=True)))) if parts else None


def _fold(text: str) -> tuple[str, Sequence[int] | None]:
    """Return the folded text, and the position in `text` of each of its letters: both letters of ss come from one ß.

    The positions are None if all letters keep their position.
    """
    letters = [*map(_fold_letter, text)]
    if all(len(letter) == 1 for letter in letters):
        return "".join(letters), None
    positions = [position for position, letter in enumerate(letters) for _part in letter]
    return "".join(letters), [*positions, len(text)]


@lru_cache(maxsize=5000)
def _fold_letter(letter: str) -> str:
    return fold_text(letter) or letter * letter.isspace()


# The people of one page share names.
@lru_cache(maxsize=10_000)
def _phonetic_matches(word: str, terms: _Terms) -> tuple[str, ...]:
    """Return the parts of `word` that match phonetically but not by spelling: михаил for mikhail."""
    if any(part in word for part in terms.words):
        return ()
    return tuple(_shortest_part(word, sound) for sound in terms.sounds if _sounds_like(sound, word))


def _shortest_part(word: str, sound: str) -> str:
    """Return the shortest part of `word` that contains `sound`."""
    while _sounds_like(sound, word[1:]):
        word = word[1:]
    while _sounds_like(sound, word[:-1]):
        word = word[:-1]
    return word


def _sounds_like(sound: str, word: str) -> bool:
    return any(sound in key for key in sound_keys(word))
