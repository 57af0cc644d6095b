"""Named reads of users. Lists return a Select, so that page, API and command read the same way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true
from sqlalchemy.orm import load_only

from webapp.access.queries import holders_of, inside_any, members_within
from webapp.core.access import Reach
from webapp.core.clock import now
from webapp.core.database import db
from webapp.core.errors import NotFound
from webapp.core.languages import _
from webapp.core.pagination import FOUND_FIRST, Order
from webapp.core.text import folded
from webapp.users.identity import IDENTITY_LINES, sign_in_key
from webapp.users.models import FormerIdentity, Status, User

SEARCH_MAX = 200
# The trigram index finds words of so many letters or more.
TRIGRAM = 3
SORTS = {
    "name": User.name_key,
    "email": User.email_key,
    "username": User.username_sort,
    "created": User.created_at,
    "last_sign_in": User.last_sign_in_sort,
}
_LISTED = (
    User.email,
    User.username,
    User.name,
    User.status,
    User.locale,
    User.timezone,
    User.attributes,
    User.created_at,
    User.updated_at,
    User.last_sign_in_at,
    User.deleted_at,
    User.starts_at,
    User.ends_at,
    User.version,
)


def listed_users(
    *,
    search: str = "",
    status: Status | None = None,
    role: UUID | None = None,
    group: UUID | None = None,
    ending: int | None = None,
    reach: Reach = None,
) -> Select[User]:
    """Users of whom every word of `search` is part of the name, e-mail or username, or whose id it is.

    Whoever is in the bin is found by that status only. `role` and `group` keep those who hold the role themselves,
    and those in the group or in one inside it; `ending` whose access ends within so many days; `reach` those whom the
    asker may see.
    """
    # While searching also what was searched: it says whether a hit is in sight.
    columns = (*_LISTED, User.search_text) if search else _LISTED
    query = select(User).options(load_only(*columns))
    narrowed = bool(search or role or group or ending) or reach is not None
    query = query.where(*_in(status, narrowed=narrowed))
    if reach is not None:
        query = query.where(User.id.in_(members_within(reach)))
    if role is not None:
        query = query.where(User.id.in_(holders_of(role)))
    if group is not None:
        query = query.where(User.id.in_(members_within([group])))
    if ending is not None:
        query = query.where(User.ends_at > now(), User.ends_at <= now() + timedelta(days=ending))
    if (user_id := _as_id(search)) is not None:
        return query.where(User.id == user_id)
    words = folded(search).split()
    if search.strip() and not words:
        return query.where(false())
    for word in words:
        query = query.where(User.search_text.contains(word, autoescape=True))
    return query.execution_options(**{FOUND_FIRST: any(len(word) >= TRIGRAM for word in words)})


def _in(status: Status | None, *, narrowed: bool) -> list[ColumnElement[bool]]:
    """Conditions for people of this status; without one, for everybody but those in the bin.

    The keys' indexes hold nobody in the bin, and are used by who says so in their words. Whoever looks for something
    else must not be led to walk along one, which SQLite would do; nor through the few who are not active.
    """
    conditions = [] if status is None else [User.status == status]
    if not narrowed and status in {None, Status.ACTIVE}:
        return [User.deleted_at.is_(None), *conditions]
    return conditions or [User.status != Status.DELETED]


def users_by(sort: str) -> Order:
    """The order called `sort`: a key of SORTS, with a leading minus for descending."""
    return Order.of(sort, SORTS, User.id)


def ended_ids(limit: int) -> list[UUID]:
    """Whose access has ended without anybody having deactivated them."""
    open_ = (User.deactivated_at.is_(None), User.deleted_at.is_(None))
    query = select(User.id).where(User.ends_at <= now(), *open_).order_by(User.ends_at, User.id)
    return list(db.session.scalars(query.limit(limit)))


def get_user(user_id: UUID, *, reach: Reach = None) -> User:
    """Raises NotFound, also for somebody whom `reach` does not hold."""
    user = db.session.get(User, user_id)
    if user is None or (reach is not None and not inside_any(user_id, reach)):
        raise NotFound(_("There is no such user."))
    return user


def find_user(*, column: str, value: str) -> User | None:
    """The user whose `email_key` or `username_key` is `value`; nobody out of the bin."""
    return db.session.scalars(select(User).where(getattr(User, column) == value, User.deleted_at.is_(None))).first()


def named_user(name: str, *, deleted: bool = False) -> User:
    """The user of this e-mail, username or id; with `deleted`, whoever last came into the bin with it."""
    user_id = _as_id(name)
    if user_id is not None:
        return get_user(user_id)
    column, value = sign_in_key(name)
    user = _deleted_user(column, value) if deleted else find_user(column=column, value=value)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def _deleted_user(column: str, value: str) -> User | None:
    query = select(User).where(User.status == Status.DELETED, getattr(User, column) == value)
    return db.session.scalars(query.order_by(User.deleted_at.desc()).limit(1)).first()


def former_identities(user_id: UUID) -> list[FormerIdentity]:
    """What a user was called before, the latest first."""
    query = select(FormerIdentity).where(FormerIdentity.user_id == user_id)
    return list(db.session.scalars(query.order_by(FormerIdentity.until.desc(), FormerIdentity.id.desc())))


def was_renamed(user: User) -> bool:
    """Whether there is anything that a user was called before, told without a look."""
    return user.search_text.count("\n") >= IDENTITY_LINES


def former_hits(users: Sequence[User], search: str) -> dict[UUID, str]:
    """What those were called before whom `search` found by it; one statement, and none while all hits are in sight."""
    words = [] if _as_id(search) else folded(search).split()
    unseen = {user.id: missing for user in users if (missing := _not_in_sight(user, words))}
    if not unseen:
        return {}
    query = select(FormerIdentity).where(FormerIdentity.user_id.in_(unseen)).order_by(FormerIdentity.until)
    return {
        former.user_id: former.value
        for former in db.session.scalars(query)
        if any(word in folded(former.value) for word in unseen[former.user_id])
    }


def _not_in_sight(user: User, words: Collection[str]) -> list[str]:
    """The words that are in none of the lines of who a user is now."""
    lines = user.search_text.split("\n")[:IDENTITY_LINES] if words else []
    return [word for word in words if not any(word in line for line in lines)]


def any_user() -> bool:
    return db.session.scalar(select(true()).where(select(User.id).exists())) is not None


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
