"""How a word that is looked for may be spelled, and how it sounds: names are written in two scripts and many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from webapp.core.text import cyrillic, latin, words_of
from webapp.directory.query_language import Term

# The index of parts of words knows parts of so many letters or more.
TRIGRAM = 3
CYRILLIC = ("\u0400", "\u0530")
# Салтыков-Щедрин, O’Connor.
_DOUBLE = re.compile(r"[^\W\d_]+(?:[-‐‑‒–—'’ʼ‘`´][^\W\d_]+)+")
_ADDRESS = re.compile(r"\w[._]\w|@")


# One page asks several times.
@lru_cache(maxsize=1000)
def spellings_of(term: Term) -> Sequence[str]:
    """Of a word in either script, as it stands first: what begins so is found by it."""
    if term.exact or not is_indexed(term):
        return [term.text]
    spellings = dict.fromkeys([term.text, cyrillic(term.text), latin(term.text)])
    return [each for each in spellings if sounds_in(term, f"{each} {latin(each)}")]


def spelled_alike(terms: Sequence[Term]) -> Iterator[Sequence[str]]:
    """All of them as they stand, all in Cyrillic, and all in Latin letters: as far as they are found so."""
    scripts = ([term.text, cyrillic(term.text), latin(term.text)] for term in terms)
    for spelled in zip(*scripts, strict=True):
        if all(text in spellings_of(term) for text, term in zip(spelled, terms, strict=True)):
            yield spelled


def is_indexed(term: Term) -> bool:
    return len(term.text) >= TRIGRAM


def script_of(word: str) -> tuple[str, str]:
    """What names in the script of this word lie between."""
    return CYRILLIC if CYRILLIC[0] <= word < CYRILLIC[1] else ("", CYRILLIC[0])


def sounds_of(term: Term) -> list[list[str]]:
    """The texts of which all have to be there, of one of these lists.

    Each word of a name stands in `search_text` as it sounds, so what is more than one, or has a comma behind it, is
    looked for as its words; in a double name a letter before an apostrophe is too short to count. But a username or an
    address is looked for as it stands.
    """
    text = term.text
    if term.exact or _ADDRESS.search(text):
        return [[text]]
    if not text.isalnum():
        sounds = [latin(word) for word in words_of(text)]
        long = [sound for sound in sounds if len(sound) >= TRIGRAM]
        are_words = long == sounds or _DOUBLE.fullmatch(text)
        return [long] if long and are_words else [[text]]
    sound = latin(text)
    if len(sound) < TRIGRAM:
        return [[text]]
    # What is spelled so in another script sounds so too: one look is enough, and an index is looked into twice as fast.
    return [[text] for text in dict.fromkeys([text, sound])] if text.isascii() else [[sound]]


def sounds_in(term: Term, text: str) -> bool:
    """Whether `text` has what is looked for."""
    return any(all(sound in text for sound in sounds) for sounds in sounds_of(term))
