"""Audit records that the undo of imports needs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.audit.holds import Hold
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.models import Import, State

UNDOABLE = (State.APPLYING, State.APPLIED, State.UNDOING)


def records_to_undo() -> Iterator[Hold]:
    """Hold records since the first import whose rows are still stored."""
    can_undo = Import.emptied_at.is_(None) & Import.state.in_(UNDOABLE)
    since = db.session.scalar(select(func.min(Import.created_at)).where(can_undo))
    if since:
        yield Hold(_("An import can still be undone."), since=since)
