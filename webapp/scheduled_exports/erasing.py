"""Erases a person from all scheduled exports."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from webapp.db.session import db
from webapp.scheduled_exports.models import ScheduledExport


def erase_person(person_id: UUID) -> None:
    """Forget who owns their exports. The next run pauses them."""
    owned = update(ScheduledExport).where(ScheduledExport.requested_by_id == person_id)
    erased = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "token_id": None}
    db.session.execute(owned.values(erased), execution_options={"synchronize_session": False})
