"""Audit records that the undo of merges needs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.audit.holds import Hold
from webapp.core.texts import _
from webapp.db.session import db
from webapp.duplicates.models import UserMerge


def records_to_undo() -> Iterator[Hold]:
    """Hold records since the first merge whose accounts both exist."""
    since = db.session.scalar(select(func.min(UserMerge.created_at)))
    if since:
        yield Hold(_("A merge of two accounts can still be undone."), since=since)
