"""Audit records that the undo of bulk changes needs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.audit.holds import Hold
from webapp.bulk.models import BulkChange, State
from webapp.core.texts import _
from webapp.db.session import db

UNDOABLE = (State.APPLYING, State.APPLIED, State.UNDOING)


def records_to_undo() -> Iterator[Hold]:
    """Hold records since the first bulk change whose people are still stored."""
    can_undo = BulkChange.emptied_at.is_(None) & BulkChange.state.in_(UNDOABLE)
    since = db.session.scalar(select(func.min(BulkChange.created_at)).where(can_undo))
    if since:
        yield Hold(_("A bulk change can still be undone."), since=since)
