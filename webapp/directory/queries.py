"""Named reads of the list of users."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, func, literal_column, select, table

from webapp.core.permissions import Reach
from webapp.core.text import folded, words_of
from webapp.db.session import db
from webapp.directory.filters import TRIGRAM, Condition, first_of, in_groups, near_misses, same, sooner_of, whole_of
from webapp.directory.name_matching import sounds_in
from webapp.directory.query_language import Term
from webapp.lists.order import Order, unindexed
from webapp.lists.page import FIGURE
from webapp.lists.sifting import Sifted
from webapp.users.identity import IDENTITY_LINES, search_text
from webapp.users.models import FormerIdentity, ListedUser, ListedUsers, Status, User

# People who may be meant by a word that finds nobody: looked at, shown, and how much of it they have to have.
NEAR_READ, NEAR_SHOWN, LIKE_ENOUGH = 200, 3, 0.3
SORTS = {
    "name": User.name_key,
    "email": User.email_key,
    "username": User.username_sort,
    "created": User.created_at,
    "last_sign_in": User.last_sign_in_sort,
}
# What the overview counts every few minutes; its room stands above this one.
_figures = table("figures", column("name"), column("value"))
# Made once: making it takes as long as reading ten people.
_LISTED, _LISTED_WITH_MARKS = select(ListedUsers()), select(ListedUsers(marks=True))


def listed_users(
    conditions: Sequence[Condition] = (), *, status: Status | None = None, reach: Reach = None, marks: bool = False
) -> Select[ListedUser]:
    """Users of whom every condition holds. Whoever is in the bin is found by that status only.

    `reach` keeps those whom the asker may see; with `marks` the text that was searched is read too: it says whether a
    hit is in sight.
    """
    return _sifted(conditions, status, reach, marks).found


def sifted_users(
    conditions: Sequence[Condition] = (),
    *,
    status: Status | None = None,
    reach: Reach = None,
    marks: bool = False,
    key: str = "",
) -> Select[ListedUser] | Sifted[ListedUser]:
    """The same as a list to page through: sifted, unless the indexes of its orders hold its conditions anyway.

    `key` stands for the conditions, where they are the same from one request to the next.
    """
    sifted = replace(_sifted(conditions, status, reach, marks), key=key and f"{key} {status} {reach}")
    return sifted if conditions or reach is not None else sifted.found.execution_options(**{FIGURE: _figure(status)})


def _figure(status: Status | None) -> Any:
    """How many there were when they were last counted."""
    names = [f"people.status.{each}" for each in ([status] if status else set(Status) - {Status.DELETED})]
    return select(func.sum(_figures.c.value)).where(_figures.c.name.in_(names)).scalar_subquery()


def _sifted(conditions: Sequence[Condition], status: Status | None, reach: Reach, marks: bool) -> Sifted[ListedUser]:
    if reach is not None:
        conditions = [*conditions, in_groups(reach)]
    query: Select[ListedUser] = _LISTED_WITH_MARKS if marks else _LISTED
    taken = next((condition for condition in conditions if condition.joined is not None), None)
    found = query.where(
        *_in(status, narrowed=bool(conditions)),
        *(each.joined if each is taken and each.joined is not None else each.found for each in conditions),
    )
    ranges = [condition.range for condition in conditions if condition.range]
    others = [condition for condition in conditions if not condition.range]
    walked = [condition.walked for condition in others]
    within = [each for condition in others for each in condition.left]
    beside = [condition.walked for condition in others if not condition.in_words]
    by_text = all(condition.by_text for condition in conditions)
    sure = conditions[0].sure if len(conditions) == 1 else ()
    return Sifted(query, _in(status, narrowed=False, along=True), ranges, walked, within, beside, found, sure, by_text)


def _in(status: Status | None, *, narrowed: bool, along: bool = False) -> list[ColumnElement[bool]]:
    """Conditions for people of this status; without one, for everybody but those in the bin.

    The keys' indexes hold nobody in the bin, and are used by who says so in their words. Whoever looks for something
    else must not be led to walk along one, which SQLite would do; nor through the few who are not active.
    """
    conditions = [] if status is None else [_has_status(status, alone=not (narrowed or along))]
    if not narrowed and status in {None, Status.ACTIVE}:
        return [User.deleted_at.is_(None), *conditions]
    return conditions or [User.status != Status.DELETED]


def _has_status(status: Status, *, alone: bool) -> ColumnElement[bool]:
    """`alone`, its own index may serve it; not beside other conditions."""
    has = User.status == status
    if db.engine.dialect.name != "sqlite":
        return has
    if status == Status.ACTIVE:
        # Else it takes them for few: would sort all of them, or make an index of them for one statement.
        has = has if alone else unindexed(User.status) == status
        likely: Any = func.likelihood(has, literal_column("0.9"))
        return likely  # type: ignore[no-any-return]
    # It does not see by itself that the indexes of the inactive hold them.
    return and_(has, User.status != literal_column("'active'"))


def users_by(sort: str, terms: Sequence[Term] = (), *, further: Mapping[str, Any] | None = None) -> Order:
    """The order called `sort`, with a leading minus for descending; the best hits of `terms` first.

    It is a key of SORTS or of `further`, which has more expressions that an index serves.
    """
    columns = {**SORTS, **(further or {})}
    column = columns[sort.removeprefix("-")]
    first, whole, sooner = first_of(terms), whole_of(terms, column), sooner_of(terms, column)
    return Order.of(sort, columns, User.id, first=first, whole=whole, sooner=sooner)


def nearest(word: str, *, reach: Reach = None) -> list[ListedUser]:
    """Who is called nearly as `word`, the nearest first: for who found nobody by it."""
    misses = near_misses(word)
    if misses is None:
        return []
    query = listed_users([same(misses)], reach=reach, marks=True).limit(NEAR_READ)
    near = ((_likeness(word, user.search_text), user) for user in db.session.scalars(query))
    best = sorted((pair for pair in near if pair[0] >= LIKE_ENOUGH), key=lambda pair: (-pair[0], folded(pair[1].name)))
    return [user for _likeness, user in best[:NEAR_SHOWN]]


def _likeness(word: str, text: str) -> float:
    """Of the word of `text` that is most like this one, from 0 to 1: trigrams in common, as pg_trgm counts them."""
    wanted = _trigrams(word)
    return max((len(wanted & has) / len(wanted | has) for has in map(_trigrams, words_of(text))), default=0)


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[at : at + TRIGRAM] for at in range(len(padded) - 2)}


def former_hits(users: Sequence[ListedUser], terms: Sequence[Term]) -> dict[UUID, str]:
    """What those were called before whom `terms` found by it; one statement, and none while all hits are in sight."""
    wanted = [term for term in terms if not term.negated]
    unseen = {user.id: missing for user in users if (missing := _not_in_sight(user, wanted))}
    if not unseen:
        return {}
    query = select(FormerIdentity).where(FormerIdentity.user_id.in_(unseen)).order_by(FormerIdentity.until)
    return {
        former.user_id: former.value
        for former in db.session.scalars(query)
        if any(_in_text(term, search_text(folded(former.value), "", "")) for term in unseen[former.user_id])
    }


def _not_in_sight(user: ListedUser, terms: Collection[Term]) -> list[Term]:
    """The terms that are in nothing of who a user is now."""
    name, email, username = user.search_text.split("\n")[: IDENTITY_LINES - 1] if terms else ("", "", "")
    missing = [term for term in terms if not _in_text(term, f"{name}\n{email}\n{username}")]
    return missing and [term for term in missing if not _in_text(term, search_text(name, email, username))]


def _in_text(term: Term, text: str) -> bool:
    return term.text in text or sounds_in(term, text)
