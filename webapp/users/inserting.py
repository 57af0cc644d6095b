"""Insert the users of `check_new_users` with their attributes, groups, roles and audit records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from webapp.access.new_people import NewPerson, insert_first_access
from webapp.attributes.models import FIELD_PREFIX, AttributeKey
from webapp.attributes.values import sort_values
from webapp.audit.actions import Action
from webapp.audit.services import Changes, record
from webapp.core.clock import now
from webapp.core.errors import Taken
from webapp.core.permissions import Actor
from webapp.core.statuses import Status
from webapp.core.texts import _
from webapp.db.constraints import constraint_of
from webapp.db.copying import insert_many
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.users.creating_many import CheckedUser
from webapp.users.models import NAME_MAX, User
from webapp.users.saving import email_taken, password_changed, username_taken
from webapp.users.values import audit_text

_COLUMNS = (
    "id", "email", "email_key", "username", "username_key", "name", "name_key", "search_text", "locale", "timezone",
    "theme", "password_hash", "password_changed_at", "password_change_required", "attributes", "attributes_sort",
    "list_settings", "starts_at", "ends_at", "created_at", "updated_at", "deactivated_at", "deactivated_by_name",
    "sessions_since", "tokens_since", "version",
)  # fmt: skip
_AUDITED = ("email", "username", "name", "locale", "timezone", "starts_at", "ends_at")


def insert_users(users: Sequence[CheckedUser], *, by: Actor) -> dict[int, Taken]:
    """Insert the users, in the transaction that checked them. Return the refusals by position.

    A user is refused if another transaction has taken their e-mail address, username or unique value meanwhile.
    """
    try:
        with transaction():
            _insert(users, by)
        return {}
    except IntegrityError as error:
        if len(users) == 1:
            return {0: _taken(error)}
    half = len(users) // 2
    refused = insert_users(users[:half], by=by)
    return refused | {half + position: error for position, error in insert_users(users[half:], by=by).items()}


def _taken(error: IntegrityError) -> Taken:
    constraint = constraint_of(error)
    if constraint == "uq_users_email_key":
        return email_taken()
    if constraint == "uq_users_username_key":
        return username_taken()
    if constraint == "uq_attribute_keys_attribute_id_value_key":
        return Taken(_("Another user has the same value of a unique attribute"), field="attributes", code="taken")
    raise error


def _insert(users: Sequence[CheckedUser], by: Actor) -> None:
    moment, connection = now(), db.session.connection()
    insert_many(connection, _table(User), _COLUMNS, [_row(user, moment, by) for user in users])
    keys = [
        (unique.attribute_id, user.new.id, unique.value_key)
        for user in users
        for unique in user.values.unique_values
        if unique.value_key
    ]
    insert_many(connection, _table(AttributeKey), ("attribute_id", "user_id", "value_key"), keys)
    people = [NewPerson(user.new.id, user.columns["name"], user.groups, user.new.roles) for user in users]
    for user, person in zip(users, people, strict=True):
        record(Action.USER_CREATED, subject=person, by=by, changes=_changes(user))
    insert_first_access(people, by=by)
    for user, person in zip(users, people, strict=True):
        if user.new.deactivated:
            status = Status.ACTIVE if user.new.password_hash else Status.INVITED
            changes = {"status": (status.value, Status.DEACTIVATED.value)}
            record(Action.USER_DEACTIVATED, subject=person, by=by, changes=changes)


def _row(user: CheckedUser, moment: datetime, by: Actor) -> list[Any]:
    new = user.new
    ended = moment if new.deactivated else None
    values = {
        **user.columns,
        "id": new.id,
        "theme": "system",
        "password_hash": new.password_hash,
        "password_changed_at": moment if new.password_hash else None,
        "password_change_required": new.must_change,
        "attributes": user.values.values,
        "attributes_sort": sort_values(user.values.values),
        "list_settings": {},
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "created_at": moment,
        "updated_at": moment,
        "deactivated_at": ended,
        "deactivated_by_name": by.label[:NAME_MAX] if ended else None,
        "sessions_since": ended,
        "tokens_since": ended,
        "version": 1,
    }
    return [values[name] for name in _COLUMNS]


def _changes(user: CheckedUser) -> Changes:
    values = {**user.columns, "starts_at": user.new.starts_at, "ends_at": user.new.ends_at}
    texts = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}
    changes: Changes = {name: (None, texts[name]) for name in _AUDITED if texts[name]}
    for name, (_before, after) in sorted(user.values.changed.items()):
        changes[FIELD_PREFIX + name] = (None, audit_text(after))
    return changes | password_changed(user.new.password_hash)


def _table(model: Any) -> Any:
    return model.__table__
