"""Records what a person has seen or closed."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.users.models import User


def record_seen(user_id: UUID, **values: Any) -> None:
    """Set columns like `news_read`. Skip this if the database is locked.

    This is no edit of the person, so `version` and `updated_at` stay.
    """
    with contextlib.suppress(OperationalError), transaction():
        db.session.execute(
            update(User).where(User.id == user_id).values(values | {"updated_at": User.updated_at}),
            execution_options=NO_SYNC,
        )
