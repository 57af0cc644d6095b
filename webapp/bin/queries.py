"""Named reads of the bin, and how long it keeps people."""

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
    """Until when they can be restored; of somebody who is not in the bin, if they went there now."""
    return (user.deleted_at or now()) + _retention()


def overdue_ids(limit: int) -> list[UUID]:
    """Who has been in the bin for too long, the longest first."""
    over = User.deleted_at < now() - _retention()
    return list(db.session.scalars(select(User.id).where(over).order_by(User.deleted_at, User.id).limit(limit)))


def taken_fields(user: User) -> list[str]:
    """Which of `email` and `username` somebody else has by now."""
    keys = {"email": user.email_key, "username": user.username_key}
    return [name for name, key in keys.items() if key and find_user(column=f"{name}_key", value=key)]


def _retention() -> timedelta:
    return timedelta(days=current_settings().bin_days)
