"""Set passwords: by people themselves, and by others who must then not know a password that stays valid."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.passwords import check_password, hash_password
from webapp.core.permissions import Actor
from webapp.db.transactions import release_connection, transaction
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.models import User
from webapp.users.queries import get_user
from webapp.users.saving import flush_user, lock_user, password_changed


def set_own_password(user_id: UUID, *, password: str, by: Actor, check: Callable[[User], object]) -> User:
    """Set a password that the person chose. Their sessions end, their links stop working, and a lock is lifted.

    `check` is called with the locked user, in the transaction: it raises if the change is not allowed, and uses the
    token of a link up. Raise Invalid if the policy does not allow the password.
    """
    user = get_user(user_id)
    check_password(password, personal=(user.email, user.name, user.username or ""))
    # The hash takes 0.3 s. Return the connection to the pool before.
    release_connection()
    password_hash = hash_password(password)
    with transaction():
        user = lock_user(user_id)
        check(user)
        store_password(user, password_hash, by=by)
        user.locked_at = None
        flush_user()
        record(Action.PASSWORD_CHANGED, subject=user, by=by, changes=password_changed(password))
    return user


def store_password(user: User, password_hash: str, *, by: Actor) -> None:
    """Store the hash of a new password on a locked or new user. Their sessions and links end.

    If another person set it, they must change it at their next sign-in (setting PASSWORD_CHANGE_REQUIRED).
    """
    user.password_hash = password_hash
    user.password_changed_at = user.sessions_since = now()
    user.password_change_required = by.id != user.id and is_change_required()
    revoke_tokens(user.id)


def is_change_required() -> bool:
    """Whether people must change a password that another person set."""
    return current_settings().password_change_required == "on"
