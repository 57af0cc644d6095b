"""Letters beyond ASCII of the languages of Europe. Text in a wrong encoding mixes letters of many languages."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from webapp.core.spellings import mixes_scripts

_LANGUAGES = (
    "àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "ãáâàçéêíóõôúü", "àèéìíòóùú", "åäöé", "åæøéòôó", "áðéíóúýþæö", "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "âçğıîöşûüİi̇", "ăâîșşțţ", "čćđšž", "āčēģīķļņšūž", "ąčęėįšųūž",
    "äõöüšž", "àçéèíïóòúü", "ëijéïóöü", "çë", "αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш", "абвгдѓежзѕијклљмнњопрстќуфхцчџш", "абвгдежзийклмнопрстуфхцчшщъьюя",
)  # fmt: skip
ALPHABETS = tuple(frozenset(letters) for letters in _LANGUAGES)
# Marks inside a name.
_JOINING = frozenset("'’‘ʼ-‐–.")
# No European name has this many letters with marks in a row.
_MARKED_LATIN = re.compile("[\u00c0-\u024f]{3}")
# Nor this many Cyrillic consonants.
_CONSONANTS = re.compile("[бвгджзйклмнпрстфхцчшщ]{5}", re.IGNORECASE)


def is_odd(word: str) -> bool:
    """Return whether a word, with the characters around it, shows that its encoding is wrong."""
    core = word.strip("".join({c for c in word if _is_punctuation(c)}))
    if not any(c.isalpha() for c in core):
        return False
    if not all(c.isalpha() or c in _JOINING or (c.isdigit() and c.isascii()) for c in core):
        return True
    return bool(_MARKED_LATIN.search(core) or _CONSONANTS.search(core)) or mixes_scripts(core) or _has_odd_case(core)


def _has_odd_case(word: str) -> bool:
    """Return whether a capital follows a small letter, unless one of the two is in ASCII: McDonald."""
    pairs = itertools.pairwise(word)
    return any(a.islower() and b.isupper() and not a.isascii() and not b.isascii() for a, b in pairs)


@lru_cache(maxsize=1024)
def _is_punctuation(character: str) -> bool:
    return character in "№ª°º" or unicodedata.category(character)[0] in "PZ"


def count_languages(words: Iterable[str]) -> int:
    """Return how many languages it takes to have all letters of the words, approximately."""
    missing = {c for word in words for c in word.lower() if not c.isascii() and c.isalpha()}
    count = 0
    while missing:
        best = max(ALPHABETS, key=lambda alphabet: len(missing & alphabet))
        # A letter of no alphabet counts like a language.
        missing -= (missing & best) or {min(missing)}
        count += 1
    return count
