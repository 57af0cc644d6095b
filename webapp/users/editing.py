"""Edit users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import update

from webapp.access.checks import check_can_grant, check_owner_remains, check_user_action, lock_owners
from webapp.access.powers import present_and_future_powers
from webapp.attributes.unique_values import save_unique_values
from webapp.attributes.validation import ValidatedValues
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Stale, report_on_field
from webapp.core.passwords import hash_password
from webapp.core.permissions import Actor, Permission
from webapp.core.text import fold_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.invitations.queries import has_open_invitation
from webapp.invitations.services import send_invitation
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.checks import UserChanges, check_preferences, check_user, collect_problems, normalised_preferences
from webapp.users.identity import IDENTITY_LINES, Identity, search_text
from webapp.users.models import FormerIdentity, Status, User
from webapp.users.notices import notify_of_new_email
from webapp.users.passwords import notify_of_new_password, store_password
from webapp.users.queries import get_user
from webapp.users.saving import AUDITED, audit_values, flush_user, lock_user, password_changed, refuse_taken_identity
from webapp.users.values import check_attribute_values, set_attribute_values

_CHANGEABLE = tuple(name for name in AUDITED if name != "theme")


def update_user(user_id: UUID, *, by: Actor, version: int | None = None, **fields: Unpack[UserChanges]) -> User:
    """Change some fields of a user. An empty password keeps the old one, a new one ends their sessions.

    Raise Stale if the user has changed since `version`. Raise Invalid, Taken, NotFound, Deleted or Forbidden.
    """
    password, attributes = fields.pop("password", None), fields.pop("attributes", None)
    before = get_user(user_id)
    values = values_of(before) | fields
    collect_problems(
        lambda: check_user(**values, password=password, known_end=before.ends_at),
        lambda: attributes and check_attribute_values(attributes, before=before.attributes, by=by),
    )
    window_changed = (values["starts_at"], values["ends_at"]) != (before.starts_at, before.ends_at)
    password_hash = hash_password(password) if password else None
    with transaction():
        if window_changed:
            lock_owners()
        user = lock_user(user_id)
        check_user_action(by, Permission.USERS_EDIT, user_id=user_id)
        if password:
            check_user_action(by, Permission.USERS_RESET, user_id=user_id)
        if version is not None and user.version != version:
            raise Stale(_("Someone else changed this user while you were editing"))
        _check_period(user, values_of(user) | fields, by=by)
        invited = user.status == Status.INVITED and has_open_invitation(user_id)
        _save_changes(user, fields, _checked_attributes(attributes, user, by=by), password_hash, by=by)
        if invited and not password and not has_open_invitation(user_id):
            # The link went to the old address.
            send_invitation(user, by=by)
    return user


def _save_changes(
    user: User, fields: UserChanges, checked: ValidatedValues, password_hash: str | None, *, by: Actor
) -> None:
    """Change a locked user, record the changes and notify the person. Raise what `update_user` raises."""
    before_email, before_key = user.email, user.email_key
    with refuse_taken_identity():
        changes = (
            apply_user_changes(user, fields) | set_attribute_values(user, checked) | password_changed(password_hash)
        )
        if password_hash:
            store_password(user, password_hash, by=by)
        db.session.flush()
    if changes:
        check_new_email(user, before_key, by=by)
        save_unique_values(user.id, checked.unique_values)
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes)
        notify_of_new_email(user, before_email, by=by)
    if password_hash and user.last_sign_in_at:
        notify_of_new_password(user, by=by)


def check_new_email(user: User, before_key: str, *, by: Actor) -> None:
    """Check that `by` may let someone else in as this person: a password reset goes to the new address."""
    if user.email_key != before_key and user.password_hash:
        with report_on_field("email"):
            check_user_action(by, Permission.USERS_RESET, user_id=user.id)


def _check_period(user: User, values: Mapping[str, Any], *, by: Actor) -> None:
    """Check that `by` changes no period of their own, and gives no powers for longer than they hold them."""
    if (values["starts_at"], values["ends_at"]) == (user.starts_at, user.ends_at):
        return
    if user.id == by.id:
        raise Forbidden(_("Another person can change when your access starts and ends"), field="ends_at")
    if user.ends_at and (values["ends_at"] is None or values["ends_at"] > user.ends_at):
        check_can_grant(by, present_and_future_powers(user.id), until=values["ends_at"])


@transaction()
def set_own_name(user_id: UUID, *, name: str, by: Actor) -> None:
    """Change the user's own name. Raise Invalid or Forbidden."""
    user = _lock_self(user_id, by)
    if changes := apply_user_changes(user, {"name": name}):
        flush_user()
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)


@transaction()
def set_own_attributes(user_id: UUID, *, by: Actor, attributes: Mapping[str, Any]) -> None:
    """Change the user's own attributes, those that people can change themselves. Raise Invalid, Taken or Forbidden."""
    user = _lock_self(user_id, by)
    checked = check_attribute_values(attributes, before=user.attributes, by=by, own=True, locked=True)
    if changes := set_attribute_values(user, checked):
        flush_user()
        save_unique_values(user_id, checked.unique_values)
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=True)


def _lock_self(user_id: UUID, by: Actor) -> User:
    if by.id != user_id:
        raise Forbidden(_("Your roles do not let you do this to this user"))
    return lock_user(user_id)


def apply_user_changes(user: User, fields: UserChanges) -> Changes:
    """Set fields of a locked user and keep their former names. Return the differences for the audit record.

    Raise Invalid. Raise Forbidden if this would end the access of the last active owner.
    """
    values = values_of(user) | fields
    values |= normalised_preferences(locale=values["locale"], timezone=values["timezone"])
    identity = check_user(**values, known_end=user.ends_at)
    if (values["starts_at"], values["ends_at"]) != (user.starts_at, user.ends_at) and not _has_lasting_access(values):
        check_owner_remains(user.id)
    before, former = audit_values(user), _replaced_identities(user, identity)
    db.session.add_all(former)
    columns = identity.columns | {name: values[name] or None for name in ("locale", "timezone", "starts_at", "ends_at")}
    columns["search_text"] = _search_text(user, identity, former)
    if identity.email_key != user.email_key:
        # They were sent to the old address.
        revoke_tokens(user.id)
    for name, value in columns.items():
        if getattr(user, name) != value:
            setattr(user, name, value)
    return difference(before, audit_values(user))


@transaction()
def set_preferences(user_id: UUID, *, by: Actor, **preferences: str | None) -> None:
    """Change language, time zone or theme. Raise Invalid or Forbidden.

    This does not change the user's version, so it does not make an open edit form stale.
    """
    check_preferences(**preferences)
    values = normalised_preferences(**preferences)
    user = lock_user(user_id)
    if by.id != user_id:
        check_user_action(by, Permission.USERS_EDIT, user_id=user_id)
    changes = difference({name: getattr(user, name) for name in values}, values)
    if changes:
        db.session.execute(update(User).where(User.id == user_id).values(values | {"updated_at": User.updated_at}))
        record(Action.USER_UPDATED, subject=user, by=by, changes=changes, own=by.id == user_id)


def _checked_attributes(attributes: Mapping[str, Any] | None, user: User, *, by: Actor) -> ValidatedValues:
    """Return the checked attributes of a locked user. If `attributes` is None, they stay unchanged and unchecked."""
    if attributes is None:
        return ValidatedValues(user.attributes)
    return check_attribute_values(attributes, before=user.attributes, by=by, locked=True)


def values_of(user: User) -> Any:
    """Return the fields that `check_user` checks."""
    return {name: getattr(user, name) for name in _CHANGEABLE}


def _has_lasting_access(values: Mapping[str, Any]) -> bool:
    return values["ends_at"] is None and (values["starts_at"] is None or values["starts_at"] <= now())


def _replaced_identities(user: User, identity: Identity) -> list[FormerIdentity]:
    """Return the e-mail address and username that `identity` replaces, unless only their spelling changes."""
    return [
        FormerIdentity(user_id=user.id, kind=kind, value=value, key=key)
        for kind, value, key, next_key in (
            ("email", user.email, user.email_key, identity.email_key),
            ("username", user.username, user.username_key, identity.username_key),
        )
        if value and key and key != next_key
    ]


def _search_text(user: User, identity: Identity, former: list[FormerIdentity]) -> str:
    """Return the text that search uses: the identity, then each former e-mail address and username once."""
    former_texts = [*user.search_text.split("\n")[IDENTITY_LINES:], *(fold_text(row.value) for row in former)]
    return search_text(*identity.search_text.split("\n")[: IDENTITY_LINES - 1], *dict.fromkeys(former_texts))
