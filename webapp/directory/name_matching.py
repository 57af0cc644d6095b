"""Spellings and phonetic keys of words, because names are written in two scripts and in many ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from webapp.core.spellings import phonetic_key, sound_keys, to_cyrillic
from webapp.core.text import split_words
from webapp.directory.query_language import Term

# `search_text` must contain all texts of one of the alternatives. Each text has a trigram.
Alternatives = Sequence[Sequence[str]]
# The text index finds texts with at least this many letters or digits in a row.
TRIGRAM = 3
CYRILLIC = ("\u0400", "\u0530")
# Салтыков-Щедрин. Folded words have no apostrophe.
_DOUBLE = re.compile(r"[^\W\d_]+(?:[-‐‑‒–—][^\W\d_]+)+")
_ADDRESS = re.compile(r"\w[._]\w|@")


def has_trigram(text: str) -> bool:
    """Return whether the text index can find `text`. `@@@` and `a-b` do not have three letters or digits in a row."""
    run = 0
    for character in text:
        # The Unicode categories of letters, marks and numbers.
        run = run + 1 if unicodedata.category(character)[0] in "LMN" else 0
        if run == TRIGRAM:
            return True
    return False


def is_address(text: str) -> bool:
    """Return whether the text looks like an e-mail address, a part of one, or a username like anna.smirnova."""
    return bool(_ADDRESS.search(text))


# One page calls this several times with the same word.
@lru_cache(maxsize=1000)
def spellings_of(term: Term) -> Sequence[str]:
    """Return the word as it was typed, then in the other script. Names that start with a spelling match the word."""
    if term.exact or not has_trigram(term.text):
        return [term.text]
    spellings = dict.fromkeys([term.text, to_cyrillic(term.text), *sound_keys(term.text)])
    return [each for each in spellings if matches_text(term, f"{each} {phonetic_key(each)}")]


def spellings_of_all(terms: Sequence[Term]) -> Iterator[Sequence[str]]:
    """Yield all words as they were typed, in Cyrillic, in Latin, with umlauts, if these are spellings of the words."""
    scripts = (
        [term.text, to_cyrillic(term.text), phonetic_key(term.text), sound_keys(term.text)[-1]] for term in terms
    )
    for spelled in zip(*scripts, strict=True):
        if all(text in spellings_of(term) for text, term in zip(spelled, terms, strict=True)):
            yield spelled


def script_of(word: str) -> tuple[str, str]:
    """Return the range of keys in the script of this word, as (low, high)."""
    return CYRILLIC if CYRILLIC[0] <= word < CYRILLIC[1] else ("", CYRILLIC[0])


def phonetic_alternatives(term: Term) -> list[list[str]]:
    """Return alternatives for a word. `search_text` must contain all texts of one alternative.

    `search_text` has the phonetic key of each word of a name. So a text of several words, or a word with a comma after
    it, is searched for word by word. Parts that are too short are left out. Usernames and addresses are searched for as
    they were typed.
    """
    text = term.text
    if term.exact or is_address(text):
        return [[text]]
    if not text.isalnum():
        return _part_alternatives(text)
    sounds = sound_keys(text)
    if len(sounds[0]) < TRIGRAM:
        return [[text]]
    # Words in other scripts are always among the phonetic keys. One alternative is twice as fast as two.
    return [[text] for text in dict.fromkeys([text, *sounds])] if text.isascii() else [[sounds[0]]]


def _part_alternatives(text: str) -> list[list[str]]:
    """Return the alternatives for a text of several words: their sounds, and their sounds with umlauts."""
    found = []
    for at in (0, -1):
        sounds = [sound_keys(word)[at] for word in split_words(text)]
        long = [sound for sound in sounds if len(sound) >= TRIGRAM]
        if not long or (long != sounds and not _DOUBLE.fullmatch(text)):
            return [[text]]
        found += [long] if long not in found else []
    return found


def matches_text(term: Term, text: str) -> bool:
    """Return whether `text` matches the word."""
    return any(all(sound in text for sound in sounds) for sounds in phonetic_alternatives(term))
