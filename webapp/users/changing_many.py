"""Change or deactivate many users at once: the twins of `update_user` and `deactivate_user` for imports.

They do what needs no more than the checks here. They leave out everyone else, without a change: users who would be
refused, and changes that need more. The caller changes these one by one, which also says why one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.access.checks import lock_owners, powers_of_actor
from webapp.access.powers import permanent_owners
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.validation import validate_values
from webapp.audit.actions import Action
from webapp.audit.services import Changes, grouped_changes, record
from webapp.core.errors import Refused
from webapp.core.permissions import ALL_POWERS, Actor
from webapp.core.statuses import Status
from webapp.db.session import db
from webapp.one_time_tokens.services import revoke_tokens_of
from webapp.users.checks import check_user
from webapp.users.creating_many import PeopleFinder
from webapp.users.editing import apply_user_changes, values_of
from webapp.users.models import User
from webapp.users.services import end_access
from webapp.users.values import set_attribute_values

# Changes of these need no mail, no token and no lock of owners. No other user can have taken them.
SIMPLE_FIELDS = frozenset({"name", "locale", "timezone", "attributes"})

# Gets the changes that a record would have. False: leave the user out.
Accept = Callable[[UUID, Changes], bool]


def update_users(
    edits: Mapping[UUID, Mapping[str, Any]],
    *,
    by: Actor,
    accept: Accept,
    undoes: Mapping[UUID, UUID] = MappingProxyType({}),
) -> dict[UUID, UUID]:
    """Set SIMPLE_FIELDS of users, and lock these users. Return their audit records. Nothing is flushed.

    `edits`: the fields of each user, as `update_user` takes them. `undoes`: the record that each change undoes.
    """
    powers = powers_of_actor(by)
    if powers != ALL_POWERS:
        return {}
    simple = {user_id: fields for user_id, fields in edits.items() if SIMPLE_FIELDS.issuperset(fields)}
    users = _lock_users(simple, by=by)
    attributes = live_attributes(locked=True)
    finder = PeopleFinder([fields.get("attributes", {}) for fields in simple.values()], attributes, powers)
    done: dict[UUID, UUID] = {}
    for user in users:
        try:
            changes = _set_fields(user, simple[user.id], attributes, finder, by)
            if changes and accept(user.id, changes):
                with grouped_changes(undoes=undoes.get(user.id)):
                    done[user.id] = record(Action.USER_UPDATED, subject=user, by=by, changes=changes)
                continue
        except Refused:
            pass
        # Forget what was set.
        db.session.expire(user)
    return done


def deactivate_users(user_ids: Collection[UUID], *, by: Actor, accept: Accept) -> dict[UUID, UUID]:
    """End the access of users. Return their audit records. Nothing is flushed but their tokens."""
    active = [user for user in lock_for_end(user_ids, by=by) if user.deactivated_at is None]
    return end_each(active, Status.DEACTIVATED, end_access, by=by, accept=accept)


def end_each(
    users: Collection[User], status: Status, end: Callable[..., UUID], *, by: Actor, accept: Accept
) -> dict[UUID, UUID]:
    """Call `end` for each user whose change `accept` does not reject, and revoke their tokens. Return its records."""
    done: dict[UUID, UUID] = {}
    for user in users:
        if accept(user.id, {"status": (user.status, status.value)}):
            try:
                done[user.id] = end(user, by=by)
            except Refused:
                # Forget what was set.
                db.session.expire(user)
    revoke_tokens_of(done)
    return done


def lock_for_end(user_ids: Collection[UUID], *, by: Actor) -> list[User]:
    """Return the locked users who are not owners. None if `by` has not all permissions, which needs more checks."""
    if powers_of_actor(by) != ALL_POWERS:
        return []
    lock_owners()
    owners = permanent_owners()
    return [user for user in _lock_users(user_ids, by=by) if user.id not in owners]


def _lock_users(user_ids: Collection[UUID], *, by: Actor) -> Sequence[User]:
    """Return the users who are not deleted, without `by`, locked until the end of the transaction."""
    if not user_ids:
        return []
    query = select(User).where(User.id.in_(user_ids), User.deleted_at.is_(None), User.id != by.id)
    # In one order, so that two imports do not wait for each other.
    query = query.order_by(User.id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def _set_fields(
    user: User, fields: Mapping[str, Any], attributes: Sequence[Attribute], finder: PeopleFinder, by: Actor
) -> Changes:
    """Set the fields of a locked user. Return {} if the change needs more than this. Raise Refused."""
    texts: Any = {name: value for name, value in fields.items() if name != "attributes"}
    check_user(**values_of(user) | texts, known_end=user.ends_at)
    submitted = fields.get("attributes", {})
    checked = validate_values(
        submitted, before=user.attributes, by=by, find_person=finder, form_attributes=attributes, powers=ALL_POWERS
    )
    if checked.unique_values:
        return {}
    changes: Changes = apply_user_changes(user, texts) if texts else {}
    return changes | (set_attribute_values(user, checked) if submitted else {})
