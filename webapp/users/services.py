"""The only door to a change of users: pages, API, commands and imports all enter here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.access.checks import check_act, check_group, keep_an_owner, lock_owners, powers_by
from webapp.access.services import add_member, grant_role
from webapp.attributes.checking import Checked
from webapp.attributes.services import claim_values
from webapp.audit.models import Action
from webapp.audit.services import Changes, Value, difference, record
from webapp.core.access import Actor, Permission
from webapp.core.clock import now
from webapp.core.database import constraint_of, db, transaction
from webapp.core.errors import Deleted, Forbidden, NotFound, Stale, Taken
from webapp.core.languages import _
from webapp.core.passwords import hashed
from webapp.core.text import folded
from webapp.users.checks import UserChanges, check_preferences, check_together, check_user
from webapp.users.identity import IDENTITY_LINES, Identity, search_text
from webapp.users.models import NAME_MAX, FormerIdentity, User
from webapp.users.queries import get_user
from webapp.users.values import checked_values, set_values

AUDITED = ("email", "username", "name", "locale", "timezone", "theme", "starts_at", "ends_at")
_CHANGEABLE = tuple(name for name in AUDITED if name != "theme")


def create_user(*, by: Actor, roles: Collection[UUID] = (), groups: Collection[UUID] = (), **given: Any) -> User:
    """A new user out of what `prepared_user` takes, and in the same words refused, or because it is taken."""
    user = prepared_user(**given, by=by)
    return add_user(user, by=by, roles=roles, groups=groups, attributes=given.get("attributes", {}))


def prepared_user(
    *,
    email: str,
    name: str,
    username: str | None = None,
    password: str | None = None,
    locale: str | None = None,
    timezone: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    attributes: Mapping[str, Any] | None = None,
    by: Actor | None = None,
) -> User:
    """A user who is checked but not saved; without a password they cannot sign in yet. Raises Invalid.

    Apart from `add_user`, because a hash takes 0.3 s, in which nobody should have to wait for a transaction. Attributes
    are only checked here, for whoever is `by`, so that every problem is told at once.
    """
    identity, _values = check_together(
        lambda: check_user(
            email=email,
            name=name,
            username=username,
            password=password,
            starts_at=starts_at,
            ends_at=ends_at,
            locale=locale,
            timezone=timezone,
        ),
        lambda: by and checked_values(attributes or {}, before={}, by=by),
    )
    return User(
        **identity.columns,
        starts_at=starts_at,
        ends_at=ends_at,
        password_hash=hashed(password) if password else None,
        locale=locale or None,
        timezone=timezone or None,
    )


@transaction()
def add_user(
    user: User,
    *,
    by: Actor,
    roles: Collection[UUID] = (),
    groups: Collection[UUID] = (),
    attributes: Mapping[str, Any] | None = None,
) -> User:
    """Saves a prepared user with attributes, roles and groups. Raises Taken or Forbidden, and leaves no trace then.

    Who may create within one group only creates in that one, unless they say in which.
    """
    reach = powers_by(by).reach(Permission.USERS_CREATE)
    if reach is not None and not groups:
        groups = reach if len(reach) == 1 else ()
        check_group(by, Permission.USERS_CREATE, group_id=next(iter(groups), None))
    checked = checked_values(attributes or {}, before={}, by=by, locked=True)
    values = set_values(user, checked)
    db.session.add(user)
    flush_user()
    claim_values(user.id, checked.claims)
    given = {name: value for name, value in audited(user).items() if name != "theme" and value}
    changes = difference({}, given) | values | _password_changed(user.password_hash)
    record(Action.USER_CREATED, subject=user, by=by, changes=changes)
    for group_id in groups:
        add_member(group_id, user.id, by=by, permission=Permission.USERS_CREATE)
    for role_id in roles:
        grant_role(role_id, user_id=user.id, by=by)
    return user


def update_user(user_id: UUID, *, by: Actor, version: int | None = None, **given: Unpack[UserChanges]) -> User:
    """Changes what is given of a user; an empty password keeps the old one, a new one ends their sessions.

    Raises Stale when somebody else changed the user since `version`, Invalid or Taken.
    """
    password, attributes = given.pop("password", None), given.pop("attributes", None)
    before = get_user(user_id)
    values = _values_of(before) | given
    check_together(
        lambda: check_user(**values, password=password, known_end=before.ends_at),
        lambda: attributes and checked_values(attributes, before=before.attributes, by=by),
    )
    moved = (values["starts_at"], values["ends_at"]) != (before.starts_at, before.ends_at)
    password_hash = hashed(password) if password else None
    with transaction():
        if moved:
            lock_owners()
        user = locked_user(user_id)
        check_act(by, Permission.USERS_EDIT, on=user_id)
        if version is not None and user.version != version:
            raise Stale(_("Somebody else changed this user while you were editing."))
        checked = _checked_or_as_is(attributes, user, by=by)
        changes = change_user(user, given) | set_values(user, checked) | _password_changed(password)
        if password_hash:
            user.password_hash, user.sessions_since = password_hash, now()
        if changes:
            flush_user()
            claim_values(user_id, checked.claims)
            record(Action.USER_UPDATED, subject=user, by=by, changes=changes)
    return user


@transaction()
def set_own_attributes(user_id: UUID, *, by: Actor, attributes: Mapping[str, Any]) -> None:
    """Changes those attributes of oneself that one may change oneself. Raises Invalid, Taken."""
    if by.id != user_id:
        raise Forbidden(_("Your roles do not let you do this to this person."))
    user = locked_user(user_id)
    checked = checked_values(attributes, before=user.attributes, by=by, own=True, locked=True)
    if changes := set_values(user, checked):
        flush_user()
        claim_values(user_id, checked.claims)
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes)


def change_user(user: User, given: UserChanges) -> Changes:
    """Writes what is given into a locked user, and keeps what they were called before; what differs.

    Raises Invalid, and Forbidden for an end of the last active owner's access.
    """
    values = _values_of(user) | given
    identity = check_user(**values, known_end=user.ends_at)
    if (values["starts_at"], values["ends_at"]) != (user.starts_at, user.ends_at) and not _lets_in_forever(values):
        keep_an_owner(user.id)
    before, former = audited(user), _former(user, identity)
    db.session.add_all(former)
    columns = identity.columns | {name: values[name] or None for name in ("locale", "timezone", "starts_at", "ends_at")}
    columns["search_text"] = _search_text(user, identity, former)
    for name, value in columns.items():
        if getattr(user, name) != value:
            setattr(user, name, value)
    return difference(before, audited(user))


@transaction()
def set_preferences(user_id: UUID, *, by: Actor, **preferences: str | None) -> None:
    """Changes language, time zone or theme. Raises Invalid.

    That is no edit of the person: nobody's open form becomes stale by it.
    """
    check_preferences(**preferences)
    user = locked_user(user_id)
    if by.id != user_id:
        check_act(by, Permission.USERS_EDIT, on=user_id)
    values = {name: value or None for name, value in preferences.items()}
    changes = difference({name: getattr(user, name) for name in values}, values)
    if changes:
        db.session.execute(update(User).where(User.id == user_id).values(values | {"updated_at": User.updated_at}))
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes)


@transaction()
def deactivate_user(user_id: UUID, *, by: Actor) -> User:
    """Ends a user's access from the next request on; nothing is deleted. Twice is once.

    Raises Forbidden for oneself and for the last active owner.
    """
    lock_owners()
    user = locked_user(user_id)
    check_act(by, Permission.USERS_DEACTIVATE, on=user_id)
    if user.deactivated_at is not None:
        return user
    if user.id == by.id:
        raise Forbidden(_("You cannot deactivate yourself. Another owner can."))
    keep_an_owner(user_id)
    user.deactivated_at = now()
    user.deactivated_by_name = by.label[:NAME_MAX]
    # Whoever is reactivated signs in anew: what was open before stays closed.
    user.sessions_since = user.tokens_since = user.deactivated_at
    record(Action.USER_DEACTIVATED, subject=user, by=by, changes={"status": (user.status, "deactivated")})
    return user


@transaction()
def reactivate_user(user_id: UUID, *, by: Actor) -> User:
    """Gives a deactivated user their access back; an end of it that has passed is removed. Twice is once."""
    user = locked_user(user_id)
    check_act(by, Permission.USERS_DEACTIVATE, on=user_id)
    if user.deactivated_at is None:
        return user
    before = audited(user)
    user.deactivated_at = user.deactivated_by_name = None
    if user.has_ended:
        user.ends_at = None
    flush_user()
    changes = {"status": ("deactivated", user.status)} | difference(before, audited(user))
    record(Action.USER_REACTIVATED, subject=user, by=by, changes=changes)
    return user


def locked_user(user_id: UUID, *, deleted: bool = False) -> User:
    """The user, whom nobody else can change until the end of this transaction.

    Raises Deleted for one in the bin, unless `deleted` says that they may be.
    """
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound(_("There is no such user."))
    if user.deleted_at and not deleted:
        raise Deleted(_("This user is in the bin. Restore them first."))
    return user


def _checked_or_as_is(attributes: Mapping[str, Any] | None, user: User, *, by: Actor) -> Checked:
    """What an edit makes of a locked user's values; one that says nothing of them asks nothing."""
    if attributes is None:
        return Checked(user.attributes)
    return checked_values(attributes, before=user.attributes, by=by, locked=True)


def _values_of(user: User) -> Any:
    return {name: getattr(user, name) for name in _CHANGEABLE}


def audited(user: User) -> dict[str, Value]:
    """As the trail tells it."""
    values = {name: getattr(user, name) for name in AUDITED}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _lets_in_forever(values: Mapping[str, Any]) -> bool:
    return values["ends_at"] is None and (values["starts_at"] is None or values["starts_at"] <= now())


def _former(user: User, identity: Identity) -> list[FormerIdentity]:
    """What a user is called no more once they have this identity. Another spelling of the same is no other name."""
    return [
        FormerIdentity(user_id=user.id, kind=kind, value=value, key=key)
        for kind, value, key, next_key in (
            ("email", user.email, user.email_key, identity.email_key),
            ("username", user.username, user.username_key, identity.username_key),
        )
        if value and key and key != next_key
    ]


def _search_text(user: User, identity: Identity, former: list[FormerIdentity]) -> str:
    """What search looks in: who they are, and after that everything that they were called before, once."""
    before = [*user.search_text.split("\n")[IDENTITY_LINES:], *(folded(row.value) for row in former)]
    return search_text(*identity.search_text.split("\n")[: IDENTITY_LINES - 1], *dict.fromkeys(before))


def _password_changed(password: str | None) -> Changes:
    return {"password": (None, "changed")} if password else {}


def flush_user() -> None:
    """Writes, and translates the refusal of a key that is taken: the database alone can know."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _taken(constraint_of(error)) from error


def _taken(constraint: str) -> Taken:
    if "username" in constraint:
        return Taken(_("Somebody else has this username."), field="username", code="taken")
    return Taken(_("Somebody else has this e-mail address."), field="email", code="taken")
