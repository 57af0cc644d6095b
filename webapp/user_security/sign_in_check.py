"""Whether a person can sign in now, and if not, why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from webapp.core.permissions import Powers
from webapp.factors.queries import passkeys_of
from webapp.invitations.queries import Invitation
from webapp.signin.attempts import account_key
from webapp.signin.required_steps import ADD_FACTOR, CHANGE_PASSWORD, required_step
from webapp.signin.second_step import SECOND_FACTOR_LIMIT, second_factor_key
from webapp.users.inviting import invitation_for
from webapp.users.models import User
from webapp.web.failure_limits import seconds_to_next_attempt, seconds_to_wait


class Result(StrEnum):
    """TO_DO: the person can sign in, but must do this before anything else."""

    PASSED = "passed"
    FAILED = "failed"
    TO_DO = "to_do"


class Step(NamedTuple):
    """One condition for signing in. `minutes`: how long to wait. `until`: when the link of an invitation ends."""

    name: str
    result: Result
    minutes: int = 0
    until: datetime | None = None

    @property
    def passed(self) -> bool:
        return self.result is Result.PASSED


def sign_in_steps(user: User, powers: Powers) -> list[Step]:
    """Return all conditions for signing in, in the order in which they are checked. `powers`: those of the person."""
    required = required_step(user, powers)
    return [
        Step("exists", Result.PASSED),
        _step("not_deleted", passed=user.deleted_at is None),
        _step("not_deactivated", passed=user.deactivated_at is None),
        _step("begun", passed=user.has_started),
        _step("not_ended", passed=not user.has_ended),
        _step("not_locked", passed=user.locked_at is None),
        _way_in(user),
        _no_wait(user),
        Step("own_password", Result.TO_DO if required == CHANGE_PASSWORD else Result.PASSED),
        Step("second_factor", Result.TO_DO if required == ADD_FACTOR else Result.PASSED),
    ]


def _step(name: str, *, passed: bool) -> Step:
    return Step(name, Result.PASSED if passed else Result.FAILED)


def _way_in(user: User) -> Step:
    """A password, or a passkey instead of it. People who have been invited choose it."""
    if user.has_password:
        return Step("password", Result.PASSED)
    if passkeys_of(user.id):
        return Step("passkey", Result.PASSED)
    return _invited(invitation_for(user))


def _invited(invitation: Invitation | None) -> Step:
    if invitation is None:
        return Step("password", Result.FAILED)
    name = "invitation_open" if invitation.is_open else "invitation_ended"
    return Step(name, Result.FAILED, until=invitation.ended_at or invitation.expires_at)


def _no_wait(user: User) -> Step:
    """Failed attempts delay sign-ins of an account from devices that are new to it."""
    names = [user.email, user.username] if user.username else [user.email]
    seconds = max(
        seconds_to_wait(*map(account_key, names)),
        seconds_to_next_attempt(second_factor_key(user.id), SECOND_FACTOR_LIMIT),
    )
    return Step("no_wait", Result.FAILED if seconds else Result.PASSED, minutes=-(-seconds // 60))
