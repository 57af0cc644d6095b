"""Create users."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Unpack
from uuid import UUID

from webapp.access.checks import check_group_action, check_user_action, powers_of_actor
from webapp.access.services import add_member, grant_role
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.unique_values import save_unique_values
from webapp.attributes.validation import ValidatedValues
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, report_on_field
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import release_connection, transaction
from webapp.invitations.services import send_first_invitations, send_invitation
from webapp.users.checks import OptionalFields, check_user, collect_problems, normalised_preferences
from webapp.users.models import User
from webapp.users.passwords import is_change_required
from webapp.users.saving import audit_values, flush_user, password_changed
from webapp.users.values import check_attribute_values, set_attribute_values


def create_user(
    *, by: Actor, roles: Collection[UUID] = (), groups: Collection[UUID] = (), invite: bool = False, **fields: Any
) -> User:
    """Create a user from the arguments of `build_user` and `add_user`. Raise Invalid, Taken or Forbidden."""
    user = build_user(**fields, by=by)
    attributes, form_attributes = fields.get("attributes"), fields.get("form_attributes")
    return add_user(
        user,
        by=by,
        roles=roles,
        groups=groups,
        attributes=attributes,
        form_attributes=form_attributes,
        invite=invite,
    )


def build_user(
    *,
    email: str,
    name: str,
    form_attributes: Sequence[Attribute] | None = None,
    by: Actor | None = None,
    **fields: Unpack[OptionalFields],
) -> User:
    """Return a checked user that is not saved. Raise Invalid with the problems of all fields.

    Without a password they cannot sign in yet. A password that `by` chose must be changed at their first sign-in. It is
    hashed here, before the transaction of `add_user`. Attributes are checked, but not set; without `by` they are not
    checked.
    """
    password, attributes = fields.pop("password", None), fields.pop("attributes", None)
    window: Any = {"starts_at": fields.get("starts_at"), "ends_at": fields.get("ends_at")}
    preferences: Any = normalised_preferences(locale=fields.get("locale"), timezone=fields.get("timezone"))
    identity: Any = {"email": email, "name": name, "username": fields.get("username")}
    checked, _values = collect_problems(
        lambda: check_user(**identity, **window, **preferences, password=password),
        lambda: by and check_attribute_values(attributes or {}, before={}, by=by, form_attributes=form_attributes),
    )
    return User(**checked.columns, **window, **preferences, **_password_columns(password, by))


def _password_columns(password: str | None, by: Actor | None) -> dict[str, Any]:
    """Return the columns of a first password. The hash takes 0.3 s, and no connection is needed meanwhile."""
    if not password:
        return {}
    release_connection()
    return {
        "password_hash": hash_password(password),
        "password_changed_at": now(),
        "password_change_required": by is not None and is_change_required(),
    }


@transaction()
def add_user(
    user: User,
    *,
    by: Actor,
    roles: Collection[UUID] = (),
    groups: Collection[UUID] = (),
    attributes: Mapping[str, Any] | None = None,
    form_attributes: Sequence[Attribute] | None = None,
    invite: bool = False,
) -> User:
    """Save a user of `build_user` with attributes, roles and groups. Raise Invalid, Taken or Forbidden.

    `invite`: people without a password get a link by e-mail, with which they choose how they sign in.
    `form_attributes`: the attributes that a form had fields for. If they are empty and there are no values, attributes
    are not validated.

    If `groups` is empty and `by` can create people in one group only, the user joins that group. If `by` can create
    people in several groups, `groups` is required.
    """
    powers = powers_of_actor(by)
    groups = groups or default_groups(by, powers)
    if attributes or form_attributes is None or form_attributes:
        checked = check_attribute_values(attributes or {}, before={}, by=by, locked=True, powers=powers)
    else:
        checked = ValidatedValues({})
    values = set_attribute_values(user, checked)
    db.session.add(user)
    flush_user()
    _record_created(user, checked, values, by=by)
    _give_access(user, roles, groups, powers, by=by)
    if invite and user.password_hash is None:
        send_invitation(user, by=by)
    return user


def _give_access(user: User, roles: Collection[UUID], groups: Collection[UUID], powers: Powers, *, by: Actor) -> None:
    with report_on_field("groups"):
        for group_id in groups:
            add_member(group_id, user.id, by=by, permission=Permission.USERS_CREATE)
    if user.password_hash and powers.reach(Permission.USERS_RESET) is not None:
        check_user_action(by, Permission.USERS_RESET, user_id=user.id)
    with report_on_field("roles"):
        for role_id in roles:
            grant_role(role_id, user_id=user.id, by=by)


class NewUser(NamedTuple):
    """A user of `build_user` without a password, roles and groups, and what `add_user` needs besides."""

    user: User
    attributes: Mapping[str, Any]
    invite: bool


@transaction()
def add_users(new: Sequence[NewUser], *, by: Actor) -> None:
    """Save several users as `add_user` does, but with few statements. Raise what it raises for one of them."""
    powers = powers_of_actor(by)
    if powers.reach(Permission.USERS_CREATE) is not None:
        for each in new:
            add_user(each.user, by=by, attributes=each.attributes, invite=each.invite)
        return
    live = live_attributes(locked=True)
    checked = [
        check_attribute_values(each.attributes, before={}, by=by, locked=True, form_attributes=live, powers=powers)
        for each in new
    ]
    values = [set_attribute_values(each.user, valid) for each, valid in zip(new, checked, strict=True)]
    db.session.add_all([each.user for each in new])
    flush_user()
    for each, valid, changed in zip(new, checked, values, strict=True):
        _record_created(each.user, valid, changed, by=by)
    send_first_invitations([each.user for each in new if each.invite], by=by)


def _record_created(user: User, checked: ValidatedValues, values: Changes, *, by: Actor) -> None:
    save_unique_values(user.id, checked.unique_values)
    filled = {name: value for name, value in audit_values(user).items() if name != "theme" and value}
    changes = difference({}, filled) | values | password_changed(user.password_hash)
    record(Action.USER_CREATED, subject=user, by=by, changes=changes)


def default_groups(by: Actor, powers: Powers) -> Collection[UUID]:
    """Return the only group that `by` can create people in, or () if they can create people anywhere."""
    reach = powers.reach(Permission.USERS_CREATE)
    if reach is None or len(reach) == 1:
        return reach or ()
    check_group_action(by, Permission.USERS_CREATE, group_id=next(iter(reach), None))
    raise Invalid(_("Choose at least one group"), field="groups", code="required")
