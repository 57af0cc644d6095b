"""Erases a person from all feeds."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from webapp.db.session import db
from webapp.feeds.models import Feed


def erase_person(person_id: UUID) -> None:
    """Forget who owns their feeds. The next run stops the feed and says that it needs an owner."""
    owned = update(Feed).where(Feed.requested_by_id == person_id)
    erased = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "token_id": None}
    db.session.execute(owned.values(erased), execution_options={"synchronize_session": False})
