"""Queries of users. Lists return a Select, so that pages, API and commands page through the same query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, Uuid, bindparam, literal, select, true

from webapp.access.group_tree import is_member_of_any, member_ids_in
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Reach
from webapp.core.texts import _
from webapp.db.prepared import PREPARED
from webapp.db.session import db
from webapp.users.identity import IDENTITY_LINES, sign_in_lookup
from webapp.users.models import FormerIdentity, ListedUser, ListedUsers, Status, User

_LISTED: Select[Any] = (
    select(ListedUsers())
    .where(User.id == bindparam("user_id", type_=Uuid()))
    .execution_options(**{PREPARED: ("user_id",)})
)

_users = cast("Table", User.__table__)
_one_row = select(literal(1)).subquery()
_not_deleted = _users.c.deleted_at.is_(None)
# Built once, because building a statement takes longer than sending it.
_PASSWORD_HASH = {
    column: select(_users.c.id, _users.c.password_hash).select_from(
        _one_row.outerjoin(_users, (_users.c[column] == bindparam("value")) & _not_deleted)
    )
    for column in ("email_key", "username_key")
}


def expired_user_ids(limit: int) -> list[UUID]:
    """Return the IDs of users whose access has ended and who are neither deactivated nor deleted."""
    not_deactivated = (User.deactivated_at.is_(None), User.deleted_at.is_(None))
    query = select(User.id).where(User.ends_at <= now(), *not_deactivated).order_by(User.ends_at, User.id)
    return list(db.session.scalars(query.limit(limit)))


def get_user(user_id: UUID, *, reach: Reach = None) -> User:
    """Return the user. Raise NotFound if there is none or they are not in the groups of `reach`."""
    user = db.session.get(User, user_id)
    if user is None or not is_in_reach(user_id, reach):
        raise NotFound(_("This user does not exist"))
    return user


def get_listed_user(user_id: UUID, *, reach: Reach = None) -> ListedUser:
    """Return the user to show, not to change. Raise what `get_user` raises."""
    user: ListedUser | None = db.session.scalars(_LISTED, {"user_id": user_id}).first()
    if user is None or not is_in_reach(user_id, reach):
        raise NotFound(_("This user does not exist"))
    return user


def is_in_reach(user_id: UUID, reach: Reach) -> bool:
    return reach is None or is_member_of_any(user_id, reach)


def users_in_groups(group_ids: Collection[UUID]) -> Select[User]:
    """Select the people in these groups and their subgroups, without deleted people."""
    return select(User).where(User.status != Status.DELETED, User.id.in_(member_ids_in(group_ids)))


def find_user(*, column: str, value: str) -> User | None:
    """Return the user whose `column` ("email_key" or "username_key") equals `value`, unless they are deleted."""
    return db.session.scalars(select(User).where(getattr(User, column) == value, User.deleted_at.is_(None))).first()


def find_password_hash(*, column: str, value: str) -> tuple[UUID | None, str | None]:
    """Return the ID and the password hash of the user that `find_user` would return, or None for both.

    It reads no other columns, and one row in either case: otherwise its time would show whether there is a user.
    """
    user_id, password_hash = db.session.connection().execute(_PASSWORD_HASH[column], {"value": value}).one()
    return user_id, password_hash


def get_user_by_identifier(name: str, *, deleted: bool = False, reach: Reach = None) -> User:
    """Return the user with this e-mail address, username or ID. Raise NotFound if there is none within `reach`.

    With `deleted`, look up e-mail addresses and usernames among deleted users, and return the last deleted one.
    """
    user_id = parse_uuid(name)
    if user_id is not None:
        return get_user(user_id, reach=reach)
    column, value = sign_in_lookup(name)
    user = _deleted_user(column, value) if deleted else find_user(column=column, value=value)
    if user is None or not is_in_reach(user.id, reach):
        raise NotFound(_("This user does not exist"))
    return user


def ids_of_identifiers(names: Collection[str], *, reach: Reach = None) -> dict[str, UUID]:
    """Return the IDs of the people with these e-mail addresses, usernames or IDs within `reach`, by the given text.

    Three statements for any number of names. Deleted people have neither e-mail address nor username.
    """
    wanted: dict[str, dict[Any, list[str]]] = {"id": {}, "email_key": {}, "username_key": {}}
    for name in names:
        user_id = parse_uuid(name)
        column, key = ("id", user_id) if user_id else sign_in_lookup(name)
        wanted[column].setdefault(key, []).append(name)
    found: dict[str, UUID] = {}
    for column, keys in wanted.items():
        model = getattr(User, column)
        query = select(model, User.id).where(model.in_(keys))
        if column != "id":
            query = query.where(User.deleted_at.is_(None))
        if reach is not None:
            query = query.where(User.id.in_(member_ids_in(reach)))
        rows = db.session.execute(query) if keys else ()
        found |= {name: row[1] for row in rows for name in keys[row[0]]}
    return found


def _deleted_user(column: str, value: str) -> User | None:
    query = select(User).where(User.status == Status.DELETED, getattr(User, column) == value)
    return db.session.scalars(query.order_by(User.deleted_at.desc()).limit(1)).first()


def former_identities(user_id: UUID) -> list[FormerIdentity]:
    """Return the former e-mail addresses and usernames of a user, newest first."""
    query = select(FormerIdentity).where(FormerIdentity.user_id == user_id)
    return list(db.session.scalars(query.order_by(FormerIdentity.until.desc(), FormerIdentity.id.desc())))


def has_former_identities(user: User) -> bool:
    """Whether a user has former e-mail addresses or usernames. This needs no query."""
    return user.search_text.count("\n") >= IDENTITY_LINES


def merged_ids(user: User) -> list[UUID]:
    """Return the accounts that were merged into this one, and into those. One statement for each level, mostly none."""
    found: list[UUID] = []
    # A merge leaves a former name.
    level = [user.id] if has_former_identities(user) else []
    while level:
        query = select(User.id).where(User.merged_into_id.in_(level), User.id.not_in([user.id, *found]))
        level = list(db.session.scalars(query))
        found += level
    return found


def any_user_exists() -> bool:
    return db.session.scalar(select(true()).where(select(User.id).exists())) is not None


def parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
