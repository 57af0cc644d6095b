"""Set passwords: by people themselves, and by others who must then not know a password that stays valid."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Invalid
from webapp.core.passwords import (
    PASSWORD_MIN,
    PASSWORD_MIN_WITH_FACTOR,
    check_password,
    hash_password,
    verify_password,
)
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.transactions import release_connection, transaction
from webapp.mail.messages import Message
from webapp.one_time_tokens.services import revoke_tokens
from webapp.users.checks import password_words
from webapp.users.models import User
from webapp.users.notices import change_facts, send_notice
from webapp.users.queries import get_user
from webapp.users.saving import flush_user, lock_user, password_changed


def set_own_password(
    user_id: UUID, *, password: str, by: Actor, check: Callable[[User], object], keeps_factors: bool = True
) -> User:
    """Set a password that the person chose. Their sessions end, their links stop working, and a lock is lifted.

    They get a notice, unless this is their first password. `check` is called with the locked user, in the transaction:
    it raises if the change is not allowed, and uses the token of a link up. `keeps_factors`: `check` does not remove
    their second factors. Raise Invalid if the policy does not allow the password.
    """
    user = get_user(user_id)
    words = password_words(email=user.email, name=user.name, username=user.username)
    check_password(password, personal=words, minimum=password_minimum(user, keeps_factors=keeps_factors))
    # The hash takes 0.3 s. Return the connection to the pool before.
    release_connection()
    password_hash = hash_password(password)
    with transaction():
        user = lock_user(user_id)
        check(user)
        is_first = user.password_hash is None
        store_password(user, password_hash, by=by)
        was_locked, user.locked_at = user.locked_at is not None, None
        flush_user()
        record(Action.PASSWORD_CHANGED, subject=user, by=by, changes=password_changed(password))
        if was_locked:
            record(Action.ACCOUNT_UNLOCKED, subject=user, by=by)
        if not is_first:
            notify_of_new_password(user, by=by)
    return user


def change_own_password(
    user_id: UUID, *, current_password: str, password: str, end_tokens: bool = False, by: Actor
) -> User:
    """Change the password of a signed-in person. Raise Invalid if the current one is wrong.

    People who have none need no current password: the caller confirms who they are. `end_tokens`: their API tokens stop
    working.
    """
    user = get_user(user_id)
    current_hash = user.password_hash
    if user.has_password:
        release_connection()
        if not verify_password(current_hash, current_password):
            raise _wrong_password()
        if password == current_password:
            raise Invalid(_("Choose a password that differs from the current one"), field="password", code="same")

    def check(user: User) -> None:
        if user.password_hash != current_hash:
            raise _wrong_password()
        if end_tokens:
            end_api_tokens(user, by=by)

    return set_own_password(user_id, password=password, by=by, check=check)


def end_api_tokens(user: User, *, by: Actor) -> None:
    """End the API tokens of a locked user, at their next request."""
    user.tokens_since = now()
    record(Action.TOKENS_ENDED, subject=user, by=by)


def notify_of_new_password(user: User, *, by: Actor) -> None:
    """Mail a notice to the person, in the caller's transaction."""
    send_notice(user, lambda: _changed_message(user, by), by=by)


def password_minimum(user: User, *, keeps_factors: bool = True) -> int:
    """Return the smallest number of characters of a password that the person chooses.

    `keeps_factors`: the change does not remove their second factors.
    """
    return PASSWORD_MIN_WITH_FACTOR if user.second_factor_at and keeps_factors else PASSWORD_MIN


def is_wrong_password(error: Invalid) -> bool:
    """Whether `change_own_password` refused the current password, not the new one."""
    return any(problem.field == "current_password" for problem in error.problems)


def _wrong_password() -> Invalid:
    return Invalid(_("The current password is wrong"), field="current_password", code="wrong")


def _changed_message(user: User, by: Actor) -> Message:
    return Message(
        subject=_("Rollcall: your password was changed"),
        paragraphs=[_("The password of your account was changed, and all other sessions have ended.")],
        facts=change_facts(user, by),
    )


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
