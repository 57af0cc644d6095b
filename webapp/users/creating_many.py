"""Create many users at once: the twin of `create_user` for imports. Checks need few statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.access.checks import powers_of_actor
from webapp.access.services import grant_role
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import live_attributes
from webapp.attributes.unique_values import holders_of, value_taken
from webapp.attributes.validation import ValidatedValues, validate_values
from webapp.core.errors import NotFound, Refused, Taken
from webapp.core.permissions import ALL_POWERS, Actor, Permission, Powers
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.checks import check_user, collect_problems, normalised_preferences
from webapp.users.creating import add_user, default_groups
from webapp.users.models import User
from webapp.users.queries import ids_of_identifiers
from webapp.users.saving import email_taken, username_taken
from webapp.users.services import deactivate_user


@dataclass(frozen=True)
class PlannedUser:
    """A user to create, with the ID that they will have.

    `password` is only checked. `password_hash` is stored as it is; with `must_change`, they must change the password at
    their first sign-in. `roles`: each with the group within which it counts. `deactivated`: they cannot sign in.
    """

    id: UUID
    email: str
    name: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    must_change: bool = False
    locale: str | None = None
    timezone: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    groups: Sequence[UUID] = ()
    roles: Sequence[tuple[UUID, UUID | None]] = ()
    deactivated: bool = False


@dataclass(frozen=True)
class CheckedUser:
    """A user who can be created. `columns` are those of their identity and preferences."""

    new: PlannedUser
    columns: Mapping[str, Any]
    values: ValidatedValues
    groups: Sequence[UUID]

    @property
    def has_password(self) -> bool:
        return bool(self.new.password or self.new.password_hash)


Checked = CheckedUser | Refused


def check_new_users(users: Sequence[PlannedUser], *, by: Actor, locked: bool = False) -> list[Checked]:
    """Return, for each user, the checked user or the refusal that `create_user` would raise.

    Two of the users must not have the same e-mail address, username or unique value. `locked`: lock the definitions of
    attributes, because the users are inserted next.
    """
    attributes, powers = live_attributes(locked=locked), powers_of_actor(by)
    find = PeopleFinder([user.attributes for user in users], attributes, powers)
    checked: list[Checked] = [_checked(user, attributes, powers, find, by) for user in users]
    _refuse_taken(checked)
    _refuse_forbidden(checked, by, powers)
    return checked


def _checked(
    user: PlannedUser, attributes: Sequence[Attribute], powers: Powers, find: PeopleFinder, by: Actor
) -> Checked:
    try:
        groups = user.groups or default_groups(by, powers)
        preferences: Any = normalised_preferences(locale=user.locale, timezone=user.timezone)
        identity, values = collect_problems(
            lambda: check_user(
                email=user.email,
                name=user.name,
                username=user.username,
                password=user.password,
                starts_at=user.starts_at,
                ends_at=user.ends_at,
                **preferences,
            ),
            lambda: validate_values(
                user.attributes, before={}, by=by, find_person=find, form_attributes=attributes, powers=powers
            ),
        )
    except Refused as error:
        return error
    return CheckedUser(user, identity.columns | preferences, values, list(groups))


class PeopleFinder:
    """Finds the people that values of attributes name, as `create_user` would, with one lookup for all of them.

    `rows`: the submitted attributes of each person.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], attributes: Sequence[Attribute], powers: Powers) -> None:
        keys = [attribute.key for attribute in attributes if attribute.kind == Kind.PERSON]
        names = {row[key] for row in rows for key in keys if isinstance(row.get(key), str) and row[key].strip()}
        self._found = ids_of_identifiers(names, reach=powers.reach(Permission.USERS_READ)) if names else {}

    def __call__(self, name: str) -> UUID:
        if name not in self._found:
            raise NotFound(_("This user does not exist"))
        return self._found[name]


def _refuse_taken(checked: list[Checked]) -> None:
    """Replace the users whose e-mail address, username or unique value another person has."""
    users = [each for each in checked if isinstance(each, CheckedUser)]
    emails = _taken("email_key", users)
    usernames = _taken("username_key", users)
    holders = holders_of(unique for user in users for unique in user.values.unique_values)
    for position, each in enumerate(checked):
        if isinstance(each, CheckedUser) and (refusals := list(_conflicts(each, emails, usernames, holders))):
            problems = [problem for refusal in refusals for problem in refusal.problems]
            refusals[0].problems = problems
            checked[position] = refusals[0]


def _taken(column: str, users: Sequence[CheckedUser]) -> set[str]:
    keys = {user.columns[column] for user in users} - {None}
    model = getattr(User, column)
    return set(db.session.scalars(select(model).where(model.in_(keys), User.deleted_at.is_(None)))) if keys else set()


def _conflicts(
    user: CheckedUser, emails: set[str], usernames: set[str], holders: Mapping[Any, UUID]
) -> Iterator[Taken]:
    if user.columns["email_key"] in emails:
        yield email_taken()
    if user.columns["username_key"] in usernames:
        yield username_taken()
    for unique in user.values.unique_values:
        if (unique.attribute_id, unique.value_key) in holders:
            yield value_taken(unique)


def _refuse_forbidden(checked: list[Checked], by: Actor, powers: Powers) -> None:
    """Replace users that `by` may not create with these groups, roles and password, or whose group is deleted.

    The rules are those of `create_user`: one user of each combination is created and rolled back.
    """
    refusals: dict[Any, Refused | None] = {}
    for position, each in enumerate(checked):
        if not isinstance(each, CheckedUser) or (powers == ALL_POWERS and not each.groups and not each.new.roles):
            continue
        kind = (tuple(each.groups), tuple(each.new.roles), each.has_password, each.new.deactivated)
        if kind not in refusals:
            refusals[kind] = _refusal_of(each, by)
        if refusal := refusals[kind]:
            checked[position] = refusal


class _RollBack(Exception):
    """Ends a trial."""


def _refusal_of(user: CheckedUser, by: Actor) -> Refused | None:
    try:
        with suppress(_RollBack), transaction():
            columns = {**user.columns, "password_hash": "!" if user.has_password else None}
            row = User(id=user.new.id, **columns)
            add_user(row, by=by, groups=user.groups, attributes={}, form_attributes=())
            for role_id, scope_id in user.new.roles:
                grant_role(role_id, user_id=row.id, scope_id=scope_id, by=by)
            if user.new.deactivated:
                deactivate_user(row.id, by=by)
            raise _RollBack
    except Refused as error:
        return error
    return None
