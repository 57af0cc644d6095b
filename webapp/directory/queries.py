"""Named reads for the list of users: counts, suggestions, former names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import column, func, select, table

from webapp.core.text import fold_text, split_words
from webapp.db.session import db
from webapp.directory.filters import TRIGRAM, Filter, almost_contains, in_groups
from webapp.directory.name_matching import matches_text
from webapp.directory.query import Query
from webapp.directory.query_language import Term
from webapp.directory.viewer import Viewer
from webapp.lists.order import Order
from webapp.users.identity import IDENTITY_LINES, search_text
from webapp.users.models import FormerIdentity, ListedUser, ListedUsers, Status, User

# Suggestions: how many people are compared, how many are shown, and how similar their names must be.
SIMILAR_READ, SIMILAR_SHOWN, SIMILARITY_MIN = 200, 3, 0.3
SORTS = {
    "name": User.name_key,
    "email": User.email_key,
    "username": User.username_sort,
    "created": User.created_at,
    "last_sign_in": User.last_sign_in_sort,
}
# Built once, because building takes as long as reading ten people.
LISTED, LISTED_WITH_TEXT = select(ListedUsers()), select(ListedUsers(with_search_text=True))
# The dashboard counts people every few minutes. Its package is above this one.
_figures = table("figures", column("name"), column("value"))


@cache
def last_figure(status: Status | None) -> Any:
    """Select the number of people with this status when the dashboard last counted them, or NULL."""
    names = [f"people.status.{each}" for each in ([status] if status else set(Status) - {Status.DELETED})]
    return select(func.sum(_figures.c.value)).where(_figures.c.name.in_(names)).scalar_subquery()


def last_figures(statuses: Collection[Status | None]) -> dict[Status | None, int]:
    """Return status → the number of people when the dashboard last counted them. None: everyone outside the bin."""
    query = select(*(last_figure(status).label(f"status{number}") for number, status in enumerate(statuses)))
    return {status: int(value or 0) for status, value in zip(statuses, db.session.execute(query).one(), strict=True)}


def visible_to(viewer: Viewer) -> list[Filter]:
    return [] if viewer.reach is None else [in_groups(viewer.reach)]


def similar_users(word: str, viewer: Viewer) -> list[ListedUser]:
    """Return at most SIMILAR_READ people with a name similar to `word`, the most similar first."""
    similar = almost_contains(word)
    if similar is None:
        return []
    query = Query(LISTED_WITH_TEXT, Order.of("name", SORTS, User.id), filters=[similar, *visible_to(viewer)])
    near = (
        (_similarity(word, user.search_text), user) for user in db.session.scalars(query.matches.limit(SIMILAR_READ))
    )
    best = sorted(
        (pair for pair in near if pair[0] >= SIMILARITY_MIN), key=lambda pair: (-pair[0], fold_text(pair[1].name))
    )
    return [user for _similarity, user in best]


def _similarity(word: str, text: str) -> float:
    """Return the similarity of `word` and the most similar word of `text`, from 0 to 1, as pg_trgm computes it."""
    wanted = _trigrams(word)
    return max((len(wanted & has) / len(wanted | has) for has in map(_trigrams, split_words(text))), default=0)


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + TRIGRAM] for at in range(len(padded) - 2)}


def former_matches(users: Sequence[ListedUser], terms: Sequence[Term]) -> dict[UUID, str]:
    """Return user ID → former e-mail address or username, for users who match only by this former value.

    One statement, or none if every user matches by a current value.
    """
    words = [term for term in terms if not term.negated]
    unseen = {user.id: missing for user in users if (missing := _not_shown(user, words))}
    if not unseen:
        return {}
    query = select(FormerIdentity).where(FormerIdentity.user_id.in_(unseen)).order_by(FormerIdentity.until)
    return {
        former.user_id: former.value
        for former in db.session.scalars(query)
        if any(_in_text(term, search_text(fold_text(former.value), "", "")) for term in unseen[former.user_id])
    }


def _not_shown(user: ListedUser, terms: Collection[Term]) -> list[Term]:
    """Return the terms that match neither the current name nor the e-mail address nor the username."""
    name, email, username = user.search_text.split("\n")[: IDENTITY_LINES - 1] if terms else ("", "", "")
    missing = [term for term in terms if not _in_text(term, f"{name}\n{email}\n{username}")]
    return missing and [term for term in missing if not _in_text(term, search_text(name, email, username))]


def _in_text(term: Term, text: str) -> bool:
    return term.text in text or matches_text(term, text)
