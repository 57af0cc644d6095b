"""How a user is made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.access.checks import check_group_action, powers_of_actor
from webapp.access.services import add_member, grant_role
from webapp.attributes.models import Attribute
from webapp.attributes.unique_values import save_unique_values
from webapp.attributes.validation import ValidatedValues
from webapp.audit.models import Action
from webapp.audit.services import difference, record
from webapp.core.errors import Invalid, report_on_field
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import release_connection, transaction
from webapp.users.checks import check_user, collect_problems
from webapp.users.models import User
from webapp.users.saving import audit_values, flush_user, password_changed
from webapp.users.values import check_attribute_values, set_attribute_values


def create_user(*, by: Actor, roles: Collection[UUID] = (), groups: Collection[UUID] = (), **given: Any) -> User:
    """A new user out of what `prepared_user` takes, and in the same words refused, or because it is taken."""
    user = build_user(**given, by=by)
    attributes, form_attributes = given.get("attributes"), given.get("form_attributes")
    return add_user(user, by=by, roles=roles, groups=groups, attributes=attributes, form_attributes=form_attributes)


def build_user(
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
    form_attributes: Sequence[Attribute] | None = None,
    by: Actor | None = None,
) -> User:
    """A user who is checked but not saved; without a password they cannot sign in yet. Raises Invalid.

    Apart from `add_user`, because a hash takes 0.3 s, in which nobody should have to wait for a transaction. Attributes
    are only checked here, for whoever is `by`, so that every problem is told at once: see `checked_attributes`.
    """
    identity, _values = collect_problems(
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
        lambda: by and check_attribute_values(attributes or {}, before={}, by=by, form_attributes=form_attributes),
    )
    if password:
        release_connection()
    return User(
        **identity.columns,
        starts_at=starts_at,
        ends_at=ends_at,
        password_hash=hash_password(password) if password else None,
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
    form_attributes: Sequence[Attribute] | None = None,
) -> User:
    """Saves a prepared user with attributes, roles and groups. Raises Taken or Forbidden, and leaves no trace then.

    `form_attributes`: the attributes that a form had fields for. Without any, and without
    a value, none is validated.

    Who may create within one group only creates in that one, unless they say in which; within several, they say it.
    """
    groups = groups or _own_group(by)
    if attributes or form_attributes is None or form_attributes:
        checked = check_attribute_values(attributes or {}, before={}, by=by, locked=True)
    else:
        checked = ValidatedValues({})
    values = set_attribute_values(user, checked)
    db.session.add(user)
    flush_user()
    save_unique_values(user.id, checked.unique_values)
    given = {name: value for name, value in audit_values(user).items() if name != "theme" and value}
    changes = difference({}, given) | values | password_changed(user.password_hash)
    record(Action.USER_CREATED, subject=user, by=by, changes=changes)
    with report_on_field("groups"):
        for group_id in groups:
            add_member(group_id, user.id, by=by, permission=Permission.USERS_CREATE)
    with report_on_field("roles"):
        for role_id in roles:
            grant_role(role_id, user_id=user.id, by=by)
    return user


def _own_group(by: Actor) -> Collection[UUID]:
    """The one group that they may create in; none for who may create anywhere."""
    reach = powers_of_actor(by).reach(Permission.USERS_CREATE)
    if reach is None or len(reach) == 1:
        return reach or ()
    check_group_action(by, Permission.USERS_CREATE, group_id=next(iter(reach), None))
    raise Invalid(_("Choose at least one group"), field="groups", code="required")
