"""The only entry point to changes of users, for pages, API, commands and imports."""

from __future__ import annotations

from uuid import UUID

from webapp.access.checks import check_can_grant, check_owner_remains, check_user_action, lock_owners
from webapp.access.powers import present_and_future_powers
from webapp.audit.actions import Action
from webapp.audit.services import difference, record
from webapp.core.clock import now
from webapp.core.errors import Forbidden
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.transactions import transaction
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.creating import NewUser, add_user, add_users, build_user, create_user
from webapp.users.editing import (
    apply_user_changes,
    check_new_email,
    set_own_attributes,
    set_own_name,
    set_preferences,
    update_user,
)
from webapp.users.former_names import FormerName, add_former_names, former_name_ids, remove_former_names
from webapp.users.models import NAME_MAX, User
from webapp.users.saving import audit_values, flush_user, lock_user

__all__ = [
    "FormerName",
    "NewUser",
    "add_former_names",
    "add_user",
    "add_users",
    "apply_user_changes",
    "audit_values",
    "build_user",
    "check_new_email",
    "create_user",
    "deactivate_user",
    "end_access",
    "flush_user",
    "former_name_ids",
    "lock_user",
    "reactivate_user",
    "remove_former_names",
    "set_own_attributes",
    "set_own_name",
    "set_preferences",
    "update_user",
]


@transaction()
def deactivate_user(user_id: UUID, *, by: Actor) -> User:
    """End a user's access from their next request on. Nothing is deleted. Idempotent.

    Raise Forbidden for the actor themselves and for the last active owner.
    """
    lock_owners()
    user = lock_user(user_id)
    check_user_action(by, Permission.USERS_DEACTIVATE, user_id=user_id)
    if user.deactivated_at is not None:
        return user
    if user.id == by.id:
        raise Forbidden(_("You cannot deactivate yourself. Another owner can do this."))
    check_owner_remains(user_id)
    revoke_tokens(user_id)
    end_access(user, by=by)
    return user


def end_access(user: User, *, by: Actor) -> UUID:
    """Set and record what `deactivate_user` does to a locked user, without flushing. Return the audit record's ID."""
    status = user.status
    user.deactivated_at = now()
    user.deactivated_by_name = by.label[:NAME_MAX]
    # Old sessions and tokens stay invalid after a reactivation.
    user.sessions_since = user.tokens_since = user.deactivated_at
    return record(Action.USER_DEACTIVATED, subject=user, by=by, changes={"status": (status, "deactivated")})


@transaction()
def reactivate_user(user_id: UUID, *, by: Actor) -> User:
    """Give a deactivated user access again. Remove an end of access that is in the past. Idempotent."""
    user = lock_user(user_id)
    check_user_action(by, Permission.USERS_DEACTIVATE, user_id=user_id)
    if user.deactivated_at is None:
        return user
    before = audit_values(user)
    user.deactivated_at = user.deactivated_by_name = None
    if user.has_ended:
        check_can_grant(by, present_and_future_powers(user_id))
        user.ends_at = None
    flush_user()
    changes = {"status": ("deactivated", user.status)} | difference(before, audit_values(user))
    record(Action.USER_REACTIVATED, subject=user, by=by, changes=changes)
    return user
