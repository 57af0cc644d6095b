"""Named reads of users. Lists return a Select, so that page, API and command read the same way."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true
from sqlalchemy.orm import load_only

from webapp.access.queries import holders_of, inside_any, members_within
from webapp.core.access import Reach
from webapp.core.database import db
from webapp.core.errors import NotFound
from webapp.core.languages import _
from webapp.core.pagination import FOUND_FIRST, Order
from webapp.core.text import folded
from webapp.users.identity import sign_in_key
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
    reach: Reach = None,
) -> Select[User]:
    """Users of whom every word of `search` is part of the name, e-mail or username, or whose id it is.

    Whoever is in the bin is found by that status only. `role` and `group` keep those who hold the role themselves,
    and those in the group or in one inside it; `reach` those whom the asker may see.
    """
    query = select(User).options(load_only(*_LISTED))
    narrowed = bool(search or role or group) or reach is not None
    query = query.where(*_in(status, narrowed=narrowed))
    if reach is not None:
        query = query.where(User.id.in_(members_within(reach)))
    if role is not None:
        query = query.where(User.id.in_(holders_of(role)))
    if group is not None:
        query = query.where(User.id.in_(members_within([group])))
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


def any_user() -> bool:
    return db.session.scalar(select(true()).where(select(User.id).exists())) is not None


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
