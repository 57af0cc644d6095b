"""Queries of active people without the second factor that they must have."""

from __future__ import annotations

from sqlalchemy import select

from webapp.core.context import current_settings
from webapp.directory.filters import has_second_factor
from webapp.directory.value_words import SecondFactor
from webapp.lists.count import Count, counted
from webapp.users.models import Status, User


def count_unprotected() -> Count | None:
    """Return how many there are, up to a bound. Return None if MFA_REQUIRED is off."""
    if current_settings().mfa_required == "off":
        return None
    missing = has_second_factor(SecondFactor.MISSING).sql
    return counted(select(User.id).where(User.status == Status.ACTIVE, missing))
