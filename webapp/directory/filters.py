"""The filters of the list of users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from webapp.access.group_tree import member_ids_in
from webapp.access.powers import all_holder_ids, staff_ids
from webapp.core.context import current_settings
from webapp.core.text import fold_text, possible_keys
from webapp.directory.index import search_index
from webapp.directory.name_matching import TRIGRAM, Alternatives, has_trigram, phonetic_alternatives
from webapp.directory.query_language import Term
from webapp.directory.value_words import SecondFactor
from webapp.invitations.queries import InvitationFilter, people_invited
from webapp.users.models import FormerIdentity, Status, User

# The highest character: `text + MAX_CHARACTER` sorts after every key that starts with `text`.
MAX_CHARACTER = "\U0010ffff"
# The value of `last_sign_in_sort` for people who have never signed in.
NEVER = datetime(1, 1, 1, tzinfo=UTC)
# A subquery of its own, so that its index finds the people.
_protected = aliased(User)
_WORD_SEPARATORS = (" ", "\n", ".", "-", "_", "@")


@dataclass(frozen=True)
class Range:
    """The rows with `low` <= `column` < `high`. None means no bound."""

    column: Any
    low: Any
    high: Any

    @property
    def sql(self) -> ColumnElement[bool]:
        low = [] if self.low is None else [self.column >= self.low]
        high = [] if self.high is None else [self.column < self.high]
        return and_(true(), *low, *high)


class Filter(NamedTuple):
    """`sql` decides whether a row matches. The other fields say how an index finds the matches.

    `texts`: the `search_text` of each match contains one of these alternatives. `range`: the same condition as `sql`,
    on a column that the index of each sort order contains. `scans`: no index finds the matches, and most rows should
    match.
    """

    sql: ColumnElement[bool]
    texts: Alternatives = ()
    range: Range | None = None
    scans: bool = False


def word_filters_of(terms: Sequence[Term]) -> list[Filter]:
    """Return a filter for each word that is not negated.

    The word is part of a current or former name, address or username, as it is spelled or as it sounds.
    """
    words = [term for term in terms if not term.negated]
    indexed = any(has_trigram(term.text) for term in words)
    return [_has_word(term, beside_indexed=indexed) for term in words]


def negated_word_filters_of(terms: Sequence[Term]) -> list[Filter]:
    """Return a filter for each negated word."""
    return [negated(Filter(_has(term))) for term in terms if term.negated]


def negated(condition: Filter) -> Filter:
    return Filter(not_(condition.sql), scans=True)


def any_of(conditions: Sequence[Filter]) -> Filter:
    """Return the filter that a row matches one of the conditions."""
    if len(conditions) == 1:
        return conditions[0]
    has_texts = [bool(each.texts) for each in conditions]
    texts = [alternative for each in conditions for alternative in each.texts] if all(has_texts) else ()
    scans = any(each.scans for each in conditions) or (any(has_texts) and not texts)
    return Filter(or_(*(each.sql for each in conditions)), texts, scans=scans)


def contains(column: Any, text: str) -> Filter | None:
    """Return the filter that the key contains `text` or, if the text has no trigram, starts with it.

    Return None if no key can start with this text.
    """
    keys = [fold_text(text)] if column is User.name_key else possible_keys(text)
    if has_trigram(fold_text(text)):
        return Filter(_has_one_of(column, keys), [[fold_text(text)]])
    return Filter(_begins(column, keys[0])) if keys[0][:1].isalnum() else None


def has_former_name(text: str) -> Filter | None:
    """Return the filter that a former e-mail address or username contains `text`. Return None if it has no trigram."""
    return Filter(_has_former_name(possible_keys(text)), [[fold_text(text)]]) if has_trigram(fold_text(text)) else None


def has_status(statuses: Collection[Status]) -> Filter:
    return Filter(User.status.in_(statuses))


def has_role(*role_ids: UUID) -> Filter:
    """The person holds one of the roles now, themselves or through a group, everywhere or within one group."""
    return Filter(User.id.in_(all_holder_ids(*role_ids)))


def is_invited(*states: InvitationFilter) -> Filter:
    """The newest invitation of the person is in one of these states."""
    return Filter(User.id.in_(people_invited(*states)))


def has_second_factor(state: SecondFactor) -> Filter:
    """The person has a second factor, has none, or must have one by the setting MFA_REQUIRED and has none."""
    if state == SecondFactor.YES:
        return Filter(User.id.in_(select(_protected.id).where(_protected.second_factor_at.is_not(None))))
    without = User.second_factor_at.is_(None)
    if state == SecondFactor.NO or current_settings().mfa_required == "everyone":
        return Filter(without, scans=True)
    return Filter(and_(User.id.in_(staff_ids()), without))


def in_groups(group_ids: Collection[UUID]) -> Filter:
    """Return the filter that the person is in one of the groups, or in a group inside one of them."""
    return Filter(User.id.in_(member_ids_in(group_ids)))


def signed_in_between(since: datetime | None, until: datetime | None) -> Filter:
    """Return the filter for the last sign-in. People who have never signed in do not match."""
    return between(User.last_sign_in_sort, since or NEVER + timedelta(microseconds=1), until)


def never_signed_in() -> Filter:
    return between(User.last_sign_in_sort, None, NEVER + timedelta(microseconds=1))


def between(column: Any, since: datetime | None, until: datetime | None) -> Filter:
    """Return the filter that the time is at least `since` and before `until`."""
    period = Range(column, since, until)
    return Filter(period.sql, range=None if column is User.ends_at else period)


def almost_contains(word: str) -> Filter | None:
    """Return the filter that `search_text` contains `word` with one letter wrong, missing or added.

    It requires the parts before and after this letter. Return None if the word is too short.
    """
    sides = [(word[:at], word[at + 1 :]) for at in range(len(word) + 1)]
    variants = {tuple(side for side in pair if has_trigram(side)) for pair in sides}
    # A variant with few letters would match far more people.
    long = sorted(variant for variant in variants if sum(map(len, variant)) >= max(TRIGRAM, len(word) - 2))
    return Filter(or_(*(and_(*map(_is_in, variant)) for variant in long)), long) if long else None


def split_by_bin(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Split a condition on e-mail addresses, because people in the bin have a separate partial index."""
    return or_(and_(condition, User.deleted_at.is_(None)), and_(condition, User.deleted_at.is_not(None)))


def _has_word(term: Term, *, beside_indexed: bool) -> Filter:
    if has_trigram(term.text):
        return Filter(_contains_exactly(term) if term.exact else _has(term), phonetic_alternatives(term))
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
    begins = Range(column, text, text + MAX_CHARACTER).sql
    return split_by_bin(begins) if column is User.email_key else begins


def _has(term: Term) -> ColumnElement[bool]:
    return or_(*(and_(*map(_is_in, sounds)) for sounds in phonetic_alternatives(term)))


def _is_in(text: str) -> ColumnElement[bool]:
    # On PostgreSQL this is 10 % faster than LIKE.
    found: ColumnElement[int] = getattr(func, search_index().POSITION)(User.search_text, text)
    return found > 0


def _contains_exactly(term: Term) -> ColumnElement[bool]:
    """Require the spelling: a name, address or username contains the word, not only their phonetic keys."""
    name = User.name_key.contains(term.text, autoescape=True)
    others = (_has_one_of(column, term.keys) for column in (User.email_key, User.username_sort))
    return or_(name, *others, _has_former_name(term.keys))


def _has_former_name(parts: Sequence[str]) -> ColumnElement[bool]:
    had = _has_one_of(FormerIdentity.key, parts)
    return select(FormerIdentity.id).where(FormerIdentity.user_id == User.id, had).exists()


def _has_one_of(column: Any, parts: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(part, autoescape=True) for part in parts))


def _has_word_beginning(text: str) -> ColumnElement[bool]:
    return or_(
        User.search_text.startswith(text, autoescape=True),
        *(User.search_text.contains(mark + text, autoescape=True) for mark in _WORD_SEPARATORS),
    )
