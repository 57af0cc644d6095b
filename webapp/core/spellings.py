"""Compares words by sound and by appearance: spellings of one name, in two alphabets."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from webapp.core.text import split_words

_LOOKALIKE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
# Spellings of one sound, in their order: Щукин, Shchukin, Schukin; Юлия, Yulia, Julia; Алексей, Alexey, Aleksei.
_SOUNDS = (
    ("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ph", "f"), ("tz", "ts"), ("x", "ks"), ("w", "v"), ("y", "i"),
    ("j", "i"),
)  # fmt: skip
_CYRILLIC = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"),
    ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "я"),
    ("yo", "е"), ("jo", "е"), ("ye", "е"), ("x", "кс"), ("ph", "ф"),
    *zip("abvwgdezijyklmnoprstufhcq", "абввгдезиииклмнопрстуфхкк", strict=True),
)  # fmt: skip
# The e that stands for an umlaut: Mueller, Jaeger. Not in Bauer, Raquel, Michael or Samuel.
_UMLAUT = re.compile("(?<![aeiouq])([aou])e(?!l$)")
_UMLAUT_MIN = 4
# Cyrillic letters that look like Latin ones, also as capitals (UTS #39).
_LOOKALIKES = str.maketrans("авекмнорстухіјѕһԛԝ", "abekmhopctyxijshqw")
_LONG_I = re.compile("ii+")
_NO_LETTER = re.compile("[^a-z0-9]+")


@lru_cache(maxsize=20_000)
def phonetic_key(word: str) -> str:
    """Return how a folded word sounds, in Latin letters. Common spellings of a name, in both scripts, have one key."""
    word = _NO_LETTER.sub("", word if word.isascii() else anyascii(word).lower())
    for spelling, sound in _SOUNDS:
        if spelling in word:
            word = word.replace(spelling, sound)
    word = _LONG_I.sub("i", word)
    return word[1:] if word.startswith("ie") else word


@lru_cache(maxsize=20_000)
def sound_keys(word: str) -> tuple[str, ...]:
    """Return the phonetic key of a folded word, and the one of the same word with umlauts: muller for mueller."""
    plain = _UMLAUT.sub(r"\1", word) if word.isascii() else word
    if plain == word or len(plain) < _UMLAUT_MIN:
        return (phonetic_key(word),)
    return phonetic_key(word), phonetic_key(plain)


@lru_cache(maxsize=1000)
def to_cyrillic(word: str) -> str:
    """Return the most common Cyrillic spelling of a folded Latin word, or "" for a word with other characters."""
    if not (word.isascii() and word.isalpha()):
        return ""
    for spelling, letter in _CYRILLIC:
        word = word.replace(spelling, letter)
    return word


def appearance(folded: str) -> str:
    """Return a key that is equal for folded texts that look alike in the Latin and Cyrillic alphabets."""
    return folded.translate(_LOOKALIKES)


def mixes_scripts(text: str) -> bool:
    """Return whether a word mixes alphabets that look alike (UTS #39), such as a Cyrillic а in a Latin word."""
    if text.isascii():
        return False
    return any(len({_script(c) for c in label} - {""}) > 1 for label in split_words(text))


# Naming a character takes 0.3 µs, and an import of a million people has 20 million of them.
@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in _LOOKALIKE_SCRIPTS if name.startswith(script)), "")
