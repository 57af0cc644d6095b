"""Which matches come first: the tiers of a search, best first. All other matches come behind the last tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.directory.filters import LAST
from webapp.directory.name_matching import CYRILLIC, has_trigram, is_address, script_of, spelled_alike, spellings_of
from webapp.directory.query_language import Term
from webapp.users.models import User

# Of more words than this no tier of keys that begin with all of them is made.
_WORDS_MAX = 3


@dataclass(frozen=True)
class ExactKey:
    """People whose username or e-mail address is `text`."""

    column: str
    text: str
    implied = False


@dataclass(frozen=True)
class KeyRange:
    """Keys from `low` on and before `high`. With `implied`, all of them match the words of the search."""

    low: str
    high: str
    implied: bool


@dataclass(frozen=True)
class SecondWord:
    """Keys between `low` and `high` whose second word begins with `text`; words end at the first `separator`."""

    text: str
    low: str
    high: str
    separator: str
    implied: bool


Tier = ExactKey | KeyRange | SecondWord


def tiers_of(terms: Sequence[Term], key: Any) -> list[Tier]:
    """The tiers of a list that is sorted by `key`.

    Exact usernames and e-mail addresses; of several words, keys that begin with all of them; keys that begin with the
    first word; keys whose second word begins with it, as family names do; if it is Cyrillic, all Cyrillic names, which
    otherwise come behind the Latin ones.
    """
    words = [term for term in terms if not term.negated]
    tiers: list[Tier] = [_exact(words[0])] if len(words) == 1 else []
    if not words or not any(key is each for each in (User.name_key, User.email_key, User.username_sort)):
        return tiers
    by_name = key is User.name_key
    indexed = any(has_trigram(word.text) for word in words)
    implied = all(word.text.isalpha() for word in words)
    if indexed and 2 <= len(words) <= _WORDS_MAX:
        tiers += [_prefix(text, implied) for text in _whole(words, " " if by_name else ".")]
    implied = implied and len(words) == 1
    spellings = list(spellings_of(words[0]))
    if not by_name:
        spellings = list(dict.fromkeys([words[0].keys[0], *spellings]))
    tiers += [_prefix(spelling, implied) for spelling in spellings]
    if is_address(words[0].text):
        # No second word begins with it, and the search for one would read thousands of rows.
        return tiers
    if indexed and by_name:
        tiers += [SecondWord(spelling, *script_of(spelling), " ", implied) for spelling in spellings]
        if script_of(words[0].text) == CYRILLIC:
            tiers.append(KeyRange(*CYRILLIC, implied=False))
    elif indexed:
        # Addresses and usernames are mostly Latin: anna.smirnova.
        latin = next(filter(str.isascii, spellings), spellings[0])
        tiers.append(SecondWord(latin, "", LAST, ".", implied))
    return tiers


def _exact(word: Term) -> ExactKey:
    # No username has an @. The last key of an address has its domain in IDNA.
    text = word.keys[-1 if "@" in word.text else 0]
    return ExactKey("email_key" if "@" in text else "username_sort", text)


def _whole(words: Sequence[Term], separator: str) -> list[str]:
    """Two words in both orders, three as they were typed, in both scripts."""
    orders = [words, words[::-1]] if len(words) == 2 else [words]
    return list(dict.fromkeys(separator.join(spelled) for each in orders for spelled in spelled_alike(each)))


def _prefix(text: str, implied: bool) -> KeyRange:
    return KeyRange(text, text + LAST, implied)
