"""The only door to a change of users: pages, API, commands and imports all enter here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.access.checks import check_act, check_group, keep_an_owner, lock_owners, powers_by
from webapp.access.services import add_member, grant_role
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.access import Actor, Permission
from webapp.core.clock import now
from webapp.core.database import constraint_of, db, transaction
from webapp.core.errors import Forbidden, Invalid, NotFound, Problem, Stale, Taken
from webapp.core.languages import LOCALES, _, timezones
from webapp.core.passwords import check_password, hashed
from webapp.users.identity import Identity, checked_identity
from webapp.users.models import NAME_MAX, THEMES, User

AUDITED = ("email", "username", "name", "locale", "timezone", "theme")


def check_user(
    *, email: str, name: str, username: str | None = None, password: str | None = None, **preferences: str | None
) -> Identity:
    """The identity that these make; whether it is free, only a write tells. Raises Invalid with every problem."""
    problems: list[Problem] = []
    identity = None
    try:
        identity = checked_identity(email=email, name=name, username=username)
    except Invalid as error:
        problems += error.problems
    if password:
        try:
            check_password(password, personal=(email, name, username or ""))
        except Invalid as error:
            problems += error.problems
    problems += _preference_problems(preferences)
    if identity is None or problems:
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    return identity


def create_user(*, by: Actor, roles: Collection[UUID] = (), groups: Collection[UUID] = (), **given: Any) -> User:
    """A new user out of what `prepared_user` takes, and in the same words refused, or because it is taken."""
    return add_user(prepared_user(**given), by=by, roles=roles, groups=groups)


def prepared_user(
    *,
    email: str,
    name: str,
    username: str | None = None,
    password: str | None = None,
    locale: str | None = None,
    timezone: str | None = None,
) -> User:
    """A user who is checked but not saved; without a password they cannot sign in yet. Raises Invalid.

    Apart from `add_user`, because a hash takes 0.3 s, in which nobody should have to wait for a transaction.
    """
    identity = check_user(
        email=email, name=name, username=username, password=password, locale=locale, timezone=timezone
    )
    return User(
        **identity.columns,
        password_hash=hashed(password) if password else None,
        locale=locale or None,
        timezone=timezone or None,
    )


@transaction()
def add_user(user: User, *, by: Actor, roles: Collection[UUID] = (), groups: Collection[UUID] = ()) -> User:
    """Saves a prepared user with roles and groups. Raises Taken or Forbidden, and leaves no trace then.

    Who may create within one group only creates in that one, unless they say in which.
    """
    reach = powers_by(by).reach(Permission.USERS_CREATE)
    if reach is not None and not groups:
        groups = reach if len(reach) == 1 else ()
        check_group(by, Permission.USERS_CREATE, group_id=next(iter(groups), None))
    db.session.add(user)
    _flush()
    given = {name: getattr(user, name) for name in AUDITED if name != "theme" and getattr(user, name)}
    changes = difference({}, given) | _password_changed(user.password_hash)
    record(Action.USER_CREATED, subject=user, by=by, changes=changes)
    for group_id in groups:
        add_member(group_id, user.id, by=by, permission=Permission.USERS_CREATE)
    for role_id in roles:
        grant_role(role_id, user_id=user.id, by=by)
    return user


def update_user(
    user_id: UUID,
    *,
    version: int,
    email: str,
    name: str,
    by: Actor,
    username: str | None = None,
    password: str | None = None,
) -> User:
    """Changes who a user is; an empty password keeps the old one, a new one ends their sessions.

    Raises Stale when somebody else changed the user since `version`, Invalid or Taken.
    """
    identity = check_user(email=email, name=name, username=username, password=password)
    password_hash = hashed(password) if password else None
    with transaction():
        user = _locked(user_id)
        check_act(by, Permission.USERS_EDIT, on=user_id)
        if user.version != version:
            raise Stale(_("Somebody else changed this user while you were editing."))
        changes = _change(user, identity.columns) | _password_changed(password)
        if password_hash:
            user.password_hash, user.sessions_since = password_hash, now()
        if changes:
            _flush()
            record(Action.USER_UPDATED, subject=user, by=by, changes=changes)
    return user


@transaction()
def set_preferences(user_id: UUID, *, by: Actor, **preferences: str | None) -> None:
    """Changes language, time zone or theme. Raises Invalid.

    That is no edit of the person: nobody's open form becomes stale by it.
    """
    if problems := _preference_problems(preferences):
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    user = _locked(user_id)
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
    user = _locked(user_id)
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
    """Gives a deactivated user their access back. Twice is once."""
    user = _locked(user_id)
    check_act(by, Permission.USERS_DEACTIVATE, on=user_id)
    if user.deactivated_at is None:
        return user
    user.deactivated_at = user.deactivated_by_name = None
    _flush()
    record(Action.USER_REACTIVATED, subject=user, by=by, changes={"status": ("deactivated", user.status)})
    return user


def _preference_problems(preferences: Mapping[str, str | None]) -> list[Problem]:
    allowed = {"locale": (None, "", *LOCALES), "timezone": (None, "", "UTC", *timezones()), "theme": THEMES}
    return [
        Problem(name, "unknown", _("Choose one of those offered."))
        for name, value in preferences.items()
        if value not in allowed[name]
    ]


def _locked(user_id: UUID) -> User:
    user = db.session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound(_("There is no such user."))
    return user


def _change(user: User, values: dict[str, str | None]) -> Changes:
    before = {name: getattr(user, name) for name in AUDITED}
    for name, value in values.items():
        if getattr(user, name) != value:
            setattr(user, name, value)
    return difference(before, {name: getattr(user, name) for name in AUDITED})


def _password_changed(password: str | None) -> Changes:
    return {"password": (None, "changed")} if password else {}


def _flush() -> None:
    """Writes, and translates the refusal of a key that is taken: the database alone can know."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _taken(constraint_of(error)) from error


def _taken(constraint: str) -> Taken:
    if "username" in constraint:
        return Taken(_("Somebody else has this username."), field="username", code="taken")
    return Taken(_("Somebody else has this e-mail address."), field="email", code="taken")
