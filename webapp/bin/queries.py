"""Queries for the bin, and how long it keeps people."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.db.session import db
from webapp.users.models import User
from webapp.users.queries import find_user


def kept_until(user: User) -> datetime:
    """Return when the user can no longer be restored. For a user who is not deleted: if they were deleted now."""
    return (user.deleted_at or now()) + _retention()


def expired_ids(limit: int) -> list[UUID]:
    """Return users who can no longer be restored, the one deleted first at the front."""
    is_expired = User.deleted_at < now() - _retention()
    return list(db.session.scalars(select(User.id).where(is_expired).order_by(User.deleted_at, User.id).limit(limit)))


def taken_fields(user: User) -> list[str]:
    """Return which of `email` and `username` another user has now."""
    keys = {"email": user.email_key, "username": user.username_key}
    return [name for name, key in keys.items() if key and find_user(column=f"{name}_key", value=key)]


def _retention() -> timedelta:
    return timedelta(days=current_settings().bin_days)
