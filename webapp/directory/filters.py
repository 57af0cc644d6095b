"""The filters of the list of users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from webapp.access.group_tree import member_ids_in
from webapp.access.powers import all_holder_ids
from webapp.core.text import fold_text, possible_keys
from webapp.directory.index import search_index
from webapp.directory.index_postgresql import Alternatives
from webapp.directory.name_matching import TRIGRAM, has_trigram, sounds_of
from webapp.directory.query_language import Term
from webapp.users.models import FormerIdentity, User

# Behind every text that begins with the text in front of it.
LAST = "\U0010ffff"
# The last sign-in of people who have never signed in.
NEVER = datetime(1, 1, 1, tzinfo=UTC)
_WORDS_BEGIN_AFTER = (" ", "\n", ".", "-", "_", "@", "'")


@dataclass(frozen=True)
class Range:
    """The rows whose `column` is at least `low` and less than `high`; None is no bound."""

    column: Any
    low: Any
    high: Any

    @property
    def sql(self) -> ColumnElement[bool]:
        low = [] if self.low is None else [self.column >= self.low]
        high = [] if self.high is None else [self.column < self.high]
        return and_(true(), *low, *high)


class Filter(NamedTuple):
    """`sql` decides whether a row matches; the rest says which index finds the rows.

    `texts`: every match has one of these alternatives in `search_text`. `range`: the same as `sql`, of a column that
    every order's index holds. `scans`: no index finds the matches, most rows are expected to match.
    """

    sql: ColumnElement[bool]
    texts: Alternatives = ()
    range: Range | None = None
    scans: bool = False


def has_words(terms: Sequence[Term]) -> list[Filter]:
    """One filter for each positive word: it is part of what the person is or was called, as written or as it sounds."""
    words = [term for term in terms if not term.negated]
    indexed = any(has_trigram(term.text) for term in words)
    return [_has_word(term, beside_indexed=indexed) for term in words]


def lacks_words(terms: Sequence[Term]) -> list[Filter]:
    """One filter for each negated word."""
    return [negated(Filter(_has(term))) for term in terms if term.negated]


def negated(condition: Filter) -> Filter:
    return Filter(not_(condition.sql), scans=True)


def contains(column: Any, text: str) -> Filter | None:
    """`text` is part of this key. A text without a trigram is its beginning, or None if no key begins like this."""
    keys = [fold_text(text)] if column is User.name_key else possible_keys(text)
    if has_trigram(fold_text(text)):
        return Filter(_has_one_of(column, keys), [[fold_text(text)]])
    return Filter(_begins(column, keys[0])) if keys[0][0].isalnum() else None


def was_called(text: str) -> Filter | None:
    """`text` is part of an e-mail address or username that the person had before. None if it has no trigram."""
    return Filter(_was_called(possible_keys(text)), [[fold_text(text)]]) if has_trigram(fold_text(text)) else None


def has_role(role_id: UUID) -> Filter:
    """The person holds the role now, themselves or through a group, everywhere or within one group."""
    return Filter(User.id.in_(all_holder_ids(role_id)))


def in_groups(group_ids: Collection[UUID]) -> Filter:
    """The person is in one of the groups, or in a group inside one of them."""
    return Filter(User.id.in_(member_ids_in(group_ids)))


def signed_in_between(since: datetime | None, until: datetime | None) -> Filter:
    """The last sign-in; people who have never signed in do not match."""
    return between(User.last_sign_in_sort, since or NEVER + timedelta(microseconds=1), until)


def never_signed_in() -> Filter:
    return between(User.last_sign_in_sort, None, NEVER + timedelta(microseconds=1))


def between(column: Any, since: datetime | None, until: datetime | None) -> Filter:
    """From `since` on and before `until`."""
    span = Range(column, since, until)
    return Filter(span.sql, range=None if column is User.ends_at else span)


def near_misses(word: str) -> Filter | None:
    """The text has the rest of `word` on both sides of one letter. None if the word is too short for that."""
    sides = [(word[:at], word[at + 1 :]) for at in range(len(word) + 1)]
    variants = {tuple(side for side in pair if has_trigram(side)) for pair in sides}
    # A variant of few letters would match many more people.
    long = sorted(variant for variant in variants if sum(map(len, variant)) >= max(TRIGRAM, len(word) - 2))
    return Filter(or_(*(and_(*map(_is_in, variant)) for variant in long)), long) if long else None


def of_addresses(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on e-mail addresses in two parts: one partial index has people outside the bin, another the bin."""
    return or_(and_(condition, User.deleted_at.is_(None)), and_(condition, User.deleted_at.is_not(None)))


def _has_word(term: Term, *, beside_indexed: bool) -> Filter:
    if has_trigram(term.text):
        return Filter(_as_it_stands(term) if term.exact else _has(term), sounds_of(term))
    if beside_indexed:
        return Filter(_has_word_beginning(term.text))
    return Filter(
        or_(
            _begins(User.name_key, term.text),
            _begins(User.username_sort, term.keys[0]),
            _begins(User.email_key, term.keys[0]),
        )
    )


def _begins(column: Any, text: str) -> ColumnElement[bool]:
    begins = Range(column, text, text + LAST).sql
    return of_addresses(begins) if column is User.email_key else begins


def _has(term: Term) -> ColumnElement[bool]:
    return or_(*(and_(*map(_is_in, sounds)) for sounds in sounds_of(term)))


def _is_in(text: str) -> ColumnElement[bool]:
    # A tenth quicker than LIKE on PostgreSQL.
    found: ColumnElement[int] = getattr(func, search_index().POSITION)(User.search_text, text)
    return found > 0


def _as_it_stands(term: Term) -> ColumnElement[bool]:
    """In a name, an address or a username, and not only in the line of how they sound."""
    name = User.name_key.contains(term.text, autoescape=True)
    others = (_has_one_of(column, term.keys) for column in (User.email_key, User.username_sort))
    return or_(name, *others, _was_called(term.keys))


def _was_called(parts: Sequence[str]) -> ColumnElement[bool]:
    had = _has_one_of(FormerIdentity.key, parts)
    return select(FormerIdentity.id).where(FormerIdentity.user_id == User.id, had).exists()


def _has_one_of(column: Any, parts: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(part, autoescape=True) for part in parts))


def _has_word_beginning(text: str) -> ColumnElement[bool]:
    return or_(
        User.search_text.startswith(text, autoescape=True),
        *(User.search_text.contains(mark + text, autoescape=True) for mark in _WORDS_BEGIN_AFTER),
    )
