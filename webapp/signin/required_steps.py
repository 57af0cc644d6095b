"""What people must do before they can go on: change a password that someone else set, add a second factor."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.access.powers import powers_of
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.permissions import Powers
from webapp.users.models import User
from webapp.users.passwords import is_change_required

CHANGE_PASSWORD = "account_password.show"
ADD_FACTOR = "factors.index"


def lacks_second_factor(user: User, powers: Powers) -> bool:
    """Whether the setting MFA_REQUIRED asks this person for a second factor that they do not have."""
    required = current_settings().mfa_required
    if required == "off" or user.second_factor_at is not None:
        return False
    return required == "everyone" or bool(powers.everywhere) or any(powers.by_scope.values())


def must_change_password(user: User) -> bool:
    """Whether the person has a password that someone else set, and must change it."""
    # The setting may have been switched off since.
    return user.password_change_required and is_change_required()


def required_step(user: User, powers: Powers) -> str | None:
    """Return the endpoint of the only page that the person may open now. Return None if they may open all."""
    if must_change_password(user):
        return CHANGE_PASSWORD
    due = user.second_factor_due_at
    return ADD_FACTOR if due and due <= now() and lacks_second_factor(user, powers) else None


def second_factor_due(user: User) -> datetime | None:
    """Return `second_factor_due_at` as a sign-in saves it: the days of MFA_GRACE_DAYS begin with the first one."""
    if user.second_factor_due_at or current_settings().mfa_required == "off" or user.second_factor_at:
        return user.second_factor_due_at
    is_asked = lacks_second_factor(user, powers_of(user.id))
    return now() + timedelta(days=current_settings().mfa_grace_days) if is_asked else None
