"""Named reads of the bin, and how long it keeps people."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.database import db
from webapp.users.models import User
from webapp.users.queries import find_user

_kept_for = timedelta(days=30)


def init_bin(days: int) -> None:
    """Sets how long people stay in the bin before they are erased."""
    global _kept_for  # noqa: PLW0603  set once, by create_app
    _kept_for = timedelta(days=days)


def kept_until(user: User) -> datetime:
    """Until when they can be restored; of somebody who is not in the bin, if they went there now."""
    return (user.deleted_at or now()) + _kept_for


def overdue_ids(limit: int) -> list[UUID]:
    """Who has been in the bin for too long, the longest first."""
    over = User.deleted_at < now() - _kept_for
    return list(db.session.scalars(select(User.id).where(over).order_by(User.deleted_at, User.id).limit(limit)))


def taken_fields(user: User) -> list[str]:
    """Which of `email` and `username` somebody else has by now."""
    keys = {"email": user.email_key, "username": user.username_key}
    return [name for name, key in keys.items() if key and find_user(column=f"{name}_key", value=key)]
