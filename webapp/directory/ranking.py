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
    implied = False


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
    spellings = list(spellings_of(words[0]))
    if not by_name:
        spellings = list(dict.fromkeys([words[0].keys[0], *spellings]))
    tiers += [_prefix_range(spelling, implied) for spelling in spellings]
    if is_address(words[0].text):
        # No second word starts with an address, and searching for one would read thousands of rows.
        return tiers
    if indexed and by_name:
        tiers += [SecondWord(spelling, *script_of(spelling), " ", implied) for spelling in spellings]
        if script_of(words[0].text) == CYRILLIC:
            tiers.append(KeyRange(*CYRILLIC, implied=False))
    elif indexed:
        # Addresses and usernames are mostly Latin: anna.smirnova.
        latin = next(filter(str.isascii, spellings), spellings[0])
        tiers.append(SecondWord(latin, "", MAX_CHARACTER, ".", implied))
    return tiers


def _exact(word: Term) -> ExactKey:
    # Usernames have no @. The last key of an address has its domain in IDNA.
    text = word.keys[-1 if "@" in word.text else 0]
    return ExactKey("email_key" if "@" in text else "username_sort", text)


def _joined_spellings(words: Sequence[Term], separator: str) -> list[str]:
    """Return the words as one text, in both scripts. Two words also in reverse order."""
    orders = [words, words[::-1]] if len(words) == 2 else [words]
    return list(dict.fromkeys(separator.join(spelled) for each in orders for spelled in spellings_of_all(each)))


def _prefix_range(text: str, implied: bool) -> KeyRange:
    return KeyRange(text, text + MAX_CHARACTER, implied)
