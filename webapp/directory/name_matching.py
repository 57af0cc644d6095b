"""How a word may be spelled and how it sounds: names are written in two scripts and in many ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from webapp.core.text import phonetic_key, split_words, to_cyrillic
from webapp.directory.query_language import Term

# The text index finds parts of this many letters or digits in a row, or more.
TRIGRAM = 3
CYRILLIC = ("\u0400", "\u0530")
# Салтыков-Щедрин, O’Connor.
_DOUBLE = re.compile(r"[^\W\d_]+(?:[-‐‑‒–—'’ʼ‘`´][^\W\d_]+)+")
_ADDRESS = re.compile(r"\w[._]\w|@")


def has_trigram(text: str) -> bool:
    """Whether the text index finds `text`: `@@@` and `a-b` have no three letters in a row, and match nothing there."""
    run = 0
    for character in text:
        # Letters, marks on them and numbers.
        run = run + 1 if unicodedata.category(character)[0] in "LMN" else 0
        if run == TRIGRAM:
            return True
    return False


def is_address(text: str) -> bool:
    """Whether the text is an e-mail address or a part of one, or a username like anna.smirnova."""
    return bool(_ADDRESS.search(text))


# Each page needs them several times.
@lru_cache(maxsize=1000)
def spellings_of(term: Term) -> Sequence[str]:
    """The word in both scripts, as it was typed first: names that begin with one of them match."""
    if term.exact or not has_trigram(term.text):
        return [term.text]
    spellings = dict.fromkeys([term.text, to_cyrillic(term.text), phonetic_key(term.text)])
    return [each for each in spellings if sounds_in(term, f"{each} {phonetic_key(each)}")]


def spelled_alike(terms: Sequence[Term]) -> Iterator[Sequence[str]]:
    """All words as they were typed, all in Cyrillic, all in Latin: those of them that are spellings of the words."""
    scripts = ([term.text, to_cyrillic(term.text), phonetic_key(term.text)] for term in terms)
    for spelled in zip(*scripts, strict=True):
        if all(text in spellings_of(term) for text, term in zip(spelled, terms, strict=True)):
            yield spelled


def script_of(word: str) -> tuple[str, str]:
    """The bounds of the keys that are written in the script of this word."""
    return CYRILLIC if CYRILLIC[0] <= word < CYRILLIC[1] else ("", CYRILLIC[0])


def sounds_of(term: Term) -> list[list[str]]:
    """Alternatives: the texts of one of these lists must all be in `search_text`.

    `search_text` holds each word of a name as it sounds. Several words, or a word with a comma behind it, are therefore
    looked for one by one. Letters in front of an apostrophe are too short to count. Usernames and addresses are looked
    for as they were typed.
    """
    text = term.text
    if term.exact or is_address(text):
        return [[text]]
    if not text.isalnum():
        sounds = [phonetic_key(word) for word in split_words(text)]
        long = [sound for sound in sounds if len(sound) >= TRIGRAM]
        are_words = long == sounds or _DOUBLE.fullmatch(text)
        return [long] if long and are_words else [[text]]
    sound = phonetic_key(text)
    if len(sound) < TRIGRAM:
        return [[text]]
    # A word of another script is in the line of sounds anyway. One alternative is twice as fast as two.
    return [[text] for text in dict.fromkeys([text, sound])] if text.isascii() else [[sound]]


def sounds_in(term: Term, text: str) -> bool:
    """Whether `text` matches the word."""
    return any(all(sound in text for sound in sounds) for sounds in sounds_of(term))
