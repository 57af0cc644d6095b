"""Conditions by which people are found: each in words that an index serves, and to be looked at row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, column, func, not_, or_, select, table

from webapp.access.group_tree import member_ids_in
from webapp.access.powers import holder_ids
from webapp.core.text import folded, keys_of_part
from webapp.db.session import db
from webapp.directory.name_matching import (
    CYRILLIC,
    TRIGRAM,
    is_indexed,
    script_of,
    sounds_of,
    spelled_alike,
    spellings_of,
)
from webapp.directory.query_language import Term
from webapp.lists.order import Beginning, Part, Range, unindexed
from webapp.lists.skip_scan import Leap, place_in
from webapp.users.models import FormerIdentity, User

# So many words are looked for as the beginning of a name.
_WHOLE_MAX = 3
# What stands in for the last sign-in of who never signed in.
NEVER = datetime(1, 1, 1, tzinfo=UTC)
# On SQLite: see the migration that made them.
_IDS = table("users_search_ids_sqlite", column("entry"), column("user_id", Uuid()))
_INDEX = table("users_search_sqlite", column("rowid"), column("users_search_sqlite"))
_BEGINNINGS = (User.name_key, User.email_key, User.username_sort)
# Their indexes hold both dates.
_BESIDE_DATES = (*_BEGINNINGS, User.created_at, User.last_sign_in_sort)
_WORDS_BEGIN_AFTER = (" ", "\n", ".", "-", "_", "@", "'")


class Condition(NamedTuple):
    """`found` and `walked` hold of the same people; `walked` tempts no planner to another index than the order's.

    `within` is what is left of it, if not all, to ask of people who have the first word, by the parts that `first_of`
    and `sooner_of` name; nothing of what is `in_words` in those that `whole_of` names. Of whom one of `sure` holds, it
    holds too.
    `by_text`: the index of parts of words finds all of them. A `range` says all of it of an order by its column.
    `joined` is `found` in other words, on SQLite, for one of all conditions: the one that hits are taken from.
    """

    found: ColumnElement[bool]
    walked: ColumnElement[bool]
    joined: ColumnElement[bool] | None = None
    within: Sequence[ColumnElement[bool]] | None = None
    in_words: bool = False
    sure: Sequence[Beginning] = ()
    by_text: bool = False
    range: Range | None = None

    @property
    def left(self) -> Sequence[ColumnElement[bool]]:
        """What to ask of people in those parts."""
        return [self.walked] if self.within is None else self.within


def same(condition: ColumnElement[bool]) -> Condition:
    return Condition(condition, condition)


def negated(condition: Condition) -> Condition:
    """Of nobody else; no index finds those of whom something does not hold."""
    return same(not_(condition.walked))


def has_words(terms: Sequence[Term]) -> list[Condition]:
    """Every one of these is part of who somebody is or was, as it is spelled or as it sounds."""
    positive = [term for term in terms if not term.negated]
    indexed = [term for term in positive if is_indexed(term)]
    conditions = []
    if indexed:
        further = [_has(term) for term in indexed if term is not positive[0]]
        sure = _called(indexed[0]) if len(positive) == 1 else []
        walked = and_(*map(_has, indexed))
        conditions.append(Condition(_found(indexed), walked, _joined(indexed), further, True, sure, by_text=True))
    for term in positive:
        condition = None
        if not is_indexed(term):
            condition = same(_has_beginning(term.text)) if indexed else _begins_with(term)
        elif term.exact:
            condition = same(_as_it_stands(term))
        if condition:
            conditions.append(condition._replace(within=[] if term is positive[0] else None, in_words=True))
    return [*conditions, *(negated(same(_has(term))) for term in terms if term.negated)]


def _called(term: Term) -> list[Beginning]:
    """That their name begins so; usernames and addresses begin no names."""
    spellings = spellings_of(term) if term.text.isalpha() else []
    return [Beginning(User.name_key, spelling) for spelling in spellings]


def contains(key_column: Any, text: str) -> Condition:
    """`text` is part of this column, of which `search_text` holds the folded text."""
    parts = [folded(text)] if key_column is User.name_key else keys_of_part(text)
    return _also_found(folded(text), _has_one_of(key_column, parts))


def _has_one_of(key_column: Any, parts: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(key_column.contains(part, autoescape=True) for part in parts))


def was_called(text: str) -> Condition:
    """`text` is part of an e-mail address or username that they had before."""
    return _also_found(folded(text), _was_called(keys_of_part(text)))


def has_role(role_id: UUID) -> Condition:
    return same(User.id.in_(holder_ids(role_id)))


def in_groups(group_ids: Collection[UUID]) -> Condition:
    """In one of the groups, or in one inside them."""
    return same(User.id.in_(member_ids_in(group_ids)))


def signed_in_between(since: datetime | None, until: datetime | None) -> Condition:
    """Of those who ever signed in."""
    return between(User.last_sign_in_sort, since or NEVER + timedelta(microseconds=1), until)


def never_signed_in() -> Condition:
    return between(User.last_sign_in_sort, None, NEVER + timedelta(microseconds=1))


def between(moment: Any, since: datetime | None, until: datetime | None) -> Condition:
    """From `since` on and before `until`."""
    span = Range(moment, since, until, () if moment is User.ends_at else _BESIDE_DATES)
    return Condition(span.condition(moment), span.condition(unindexed(moment)), range=span)


def first_of(terms: Sequence[Term]) -> list[ColumnElement[bool]]:
    """Who comes before all other hits: whose address or username it is."""
    words = [term for term in terms if not term.negated]
    if len(words) != 1:
        return []
    # No username has an @. Of a domain the last key is in IDNA.
    whole = words[0].keys[-1 if "@" in words[0].text else 0]
    return [_of_addresses(User.email_key == whole) if "@" in whole else User.username_sort == whole]


def whole_of(terms: Sequence[Term], sort: Any) -> list[Part]:
    """Who comes next of several words: whose sort key begins with them, in either script; of two, either way round."""
    positive = [term for term in terms if not term.negated]
    if not 2 <= len(positive) <= _WHOLE_MAX or not _is_beginning(sort) or not any(map(is_indexed, positive)):
        return []
    separator = " " if sort is User.name_key else "."
    ways = [positive, positive[::-1]] if len(positive) == 2 else [positive]
    written = [separator.join(spelled) for words in ways for spelled in spelled_alike(words)]
    return [Beginning(sort, text) for text in dict.fromkeys(written)]


def sooner_of(terms: Sequence[Term], sort: Any) -> list[Part]:
    """Who comes next: whose sort key begins with it, in either script; then whose key goes on with it after its first
    word, as family names do and addresses made of both; of a Cyrillic word, whose name is Cyrillic too.

    In the order of names these come after all Latin ones. Everybody but the last has the first of these words.
    """
    positive = [term for term in terms if not term.negated]
    if not positive or not _is_beginning(sort):
        return []
    spellings = spellings_of(positive[0])
    if sort is not User.name_key:
        spellings = list(dict.fromkeys([positive[0].keys[0], *spellings]))
    sooner: list[Part] = [Beginning(sort, spelling) for spelling in spellings]
    if not any(map(is_indexed, positive)):
        return sooner
    if sort is not User.name_key:
        # Addresses and usernames are mostly Latin.
        return [*sooner, Leap(sort, next(filter(str.isascii, spellings), spellings[0]), separator=".")]
    sooner += [Leap(sort, spelling, *script_of(spelling)) for spelling in spellings]
    return [*sooner, sort.between(*CYRILLIC)] if script_of(positive[0].text) == CYRILLIC else sooner


def _is_beginning(sort: Any) -> bool:
    return any(sort is beginning for beginning in _BEGINNINGS)


def near_misses(word: str) -> ColumnElement[bool] | None:
    """Whose text has what is left of `word` on both sides of one letter; None for words too short to tell."""
    sides = [(word[:at], word[at + 1 :]) for at in range(len(word) + 1)]
    variants = {tuple(side for side in pair if len(side) >= TRIGRAM) for pair in sides}
    # A part of another variant's parts would find whatever that finds, and much more.
    long = [variant for variant in variants if sum(map(len, variant)) >= max(TRIGRAM, len(word) - 2)]
    if not long:
        return None
    return _found(*([Term(part, exact=True) for part in variant] for variant in sorted(long)))


def _found(*ways: Sequence[Term]) -> ColumnElement[bool]:
    """Who has all terms of one of these ways, by the index of parts of words."""
    if db.engine.dialect.name != "sqlite":
        return or_(*(and_(*(_in_one_way(term, _contained) for term in terms)) for terms in ways))
    ids, matches = _matching(*ways)
    return User.id.in_(select(ids.c.user_id).where(matches))


def _joined(*ways: Sequence[Term]) -> ColumnElement[bool] | None:
    """The same, where a list of all hits would be made before the first is taken."""
    if db.engine.dialect.name != "sqlite":
        return None
    ids, matches = _matching(*ways)
    return and_(User.id == unindexed(ids.c.user_id), matches)


def _matching(*ways: Sequence[Term]) -> tuple[Any, ColumnElement[bool]]:
    """SQLite's index: a table of ids, and what has to hold of it."""
    asked = " OR ".join("(" + " AND ".join(map(_asked, terms)) + ")" for terms in ways)
    ids, index = _IDS.alias(), _INDEX.alias()
    return ids, and_(ids.c.entry == index.c.rowid, index.c.users_search_sqlite.op("MATCH")(asked))


def _contained(text: str) -> ColumnElement[bool]:
    return User.search_text.contains(text, autoescape=True)


def _asked(term: Term) -> str:
    """In the words of FTS5."""
    return "(" + " OR ".join("(" + " AND ".join(map(_quoted, sounds)) + ")" for sounds in sounds_of(term)) + ")"


def _also_found(text: str, condition: ColumnElement[bool]) -> Condition:
    """`condition`, which holds only of people in whose `search_text` this is."""
    if len(text) < TRIGRAM:
        return same(condition)
    terms = [Term(text, exact=True)]
    joined = _joined(terms)
    joined = None if joined is None else and_(joined, condition)
    return Condition(and_(_found(terms), condition), condition, joined, by_text=True)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _has(term: Term) -> ColumnElement[bool]:
    return _in_one_way(term, _is_in)


def _is_in(text: str) -> ColumnElement[bool]:
    """In words that no index serves; on PostgreSQL a tenth quicker than LIKE, too."""
    is_in: ColumnElement[bool] = place_in(User.search_text, text) > 0
    return is_in


def _in_one_way(term: Term, has: Callable[[str], ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(*(and_(*map(has, sounds)) for sounds in sounds_of(term)))


def _as_it_stands(term: Term) -> ColumnElement[bool]:
    """Not only in the line of how their names sound."""
    name = User.name_key.contains(term.text, autoescape=True)
    others = (_has_one_of(key_column, term.keys) for key_column in (User.email_key, User.username_sort))
    return or_(name, *others, _was_called(term.keys))


def _was_called(parts: Sequence[str]) -> ColumnElement[bool]:
    had = _has_one_of(FormerIdentity.key, parts)
    return select(FormerIdentity.id).where(FormerIdentity.user_id == User.id, had).exists()


def _has_beginning(text: str) -> ColumnElement[bool]:
    """One of the words begins so; looked at row by row, beside a word that an index finds."""
    return or_(
        User.search_text.startswith(text, autoescape=True),
        *(User.search_text.contains(mark + text, autoescape=True) for mark in _WORDS_BEGIN_AFTER),
    )


def _begins_with(term: Term) -> Condition:
    texts = (term.text, term.keys[0], term.keys[0])
    name, email, username = (Beginning(*pair).condition for pair in zip(_BEGINNINGS, texts, strict=True))
    begins = (func.substr(by, 1, len(text)) == text for by, text in zip(_BEGINNINGS, texts, strict=True))
    return Condition(or_(name, username, _of_addresses(email)), or_(*begins))


def _of_addresses(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same in parts that are indexed: one index has the addresses of who is not in the bin, another the bin."""
    return or_(and_(condition, User.deleted_at.is_(None)), and_(condition, User.deleted_at.is_not(None)))
