"""Ranks matches: the tiers of a search, best first. Matches in no tier come after the last tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.directory.filters import MAX_CHARACTER
from webapp.directory.name_matching import CYRILLIC, has_trigram, is_address, script_of, spellings_of, spellings_of_all
from webapp.directory.query_language import Term
from webapp.users.models import User

# Searches with more words have no tier for keys that start with all words.
_WORDS_MAX = 3


@dataclass(frozen=True)
class ExactKey:
    """People whose username or e-mail address is `text`."""

    column: str
    text: str


@dataclass(frozen=True)
class KeyRange:
    """Keys with `low` <= key < `high`. `implied`: each of them matches the words of the search."""

    low: str
    high: str
    implied: bool


@dataclass(frozen=True)
class SecondWord:
    """Keys between `low` and `high` with a second word that starts with `text`. `separator` ends the first word."""

    text: str
    low: str
    high: str
    separator: str
    implied: bool


Tier = ExactKey | KeyRange | SecondWord


def tiers_of(terms: Sequence[Term], key: Any) -> list[Tier]:
    """Return the tiers of a list that is sorted by `key`, in this order:

    1. exact usernames and e-mail addresses, if there is one word
    2. keys that start with all words, if there are two or three
    3. keys that start with the first word
    4. keys with a second word that starts with the first word of the search: family names
    5. Cyrillic names, if the word is Cyrillic, because Latin names sort before them
    """
    words = [term for term in terms if not term.negated]
    tiers: list[Tier] = [_exact(words[0])] if len(words) == 1 else []
    if not words or not any(key is each for each in (User.name_key, User.email_key, User.username_sort)):
        return tiers
    by_name = key is User.name_key
    indexed = any(has_trigram(word.text) for word in words)
    implied = all(word.text.isalpha() for word in words)
    if indexed and 2 <= len(words) <= _WORDS_MAX:
        tiers += [_prefix_range(text, implied) for text in _joined_spellings(words, " " if by_name else ".")]
    implied = implied and len(words) == 1
    first = words[0]
    spellings = list(dict.fromkeys([*([] if by_name else first.keys[:1]), *spellings_of(first)]))
    tiers += [_prefix_range(spelling, implied) for spelling in spellings]
    # No second word starts with an address, and searching for one would read thousands of rows.
    if indexed and not is_address(first.text):
        tiers += _name_parts(first, spellings, implied) if by_name else [_address_part(spellings, implied)]
    return tiers


def _exact(word: Term) -> ExactKey:
    # Usernames have no @. The last key of an address has its domain in IDNA.
    text = word.keys[-1 if "@" in word.text else 0]
    return ExactKey("email_key" if "@" in text else "username_sort", text)


def _joined_spellings(words: Sequence[Term], separator: str) -> list[str]:
    """Return the words as one text, in both scripts. Two words also in reverse order."""
    orders = [words, words[::-1]] if len(words) == 2 else [words]
    return list(dict.fromkeys(separator.join(spelled) for each in orders for spelled in spellings_of_all(each)))


def _name_parts(word: Term, spellings: Sequence[str], implied: bool) -> list[Tier]:
    family_names = [SecondWord(spelling, *script_of(spelling), " ", implied) for spelling in spellings]
    is_cyrillic = script_of(word.text) == CYRILLIC
    return [*family_names, *([KeyRange(*CYRILLIC, implied=False)] if is_cyrillic else [])]


def _address_part(spellings: Sequence[str], implied: bool) -> Tier:
    """Return the tier of anna.smirnova. Addresses and usernames are mostly Latin."""
    latin = next(filter(str.isascii, spellings), spellings[0])
    return SecondWord(latin, "", MAX_CHARACTER, ".", implied)


def _prefix_range(text: str, implied: bool) -> KeyRange:
    return KeyRange(text, text + MAX_CHARACTER, implied)
