"""Erases a person from all imports."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update

from webapp.db.session import NO_SYNC, db
from webapp.imports.models import Import, ImportRow, SavedMapping


def erase_person(person_id: UUID) -> None:
    """Delete the rows about a person, and forget who started their imports. An hourly job removes these imports."""
    db.session.execute(delete(ImportRow).where(ImportRow.user_id == person_id), execution_options=NO_SYNC)
    started = update(Import).where(Import.requested_by_id == person_id)
    erased = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "token_id": None}
    db.session.execute(started.values(erased), execution_options=NO_SYNC)
    saved = update(SavedMapping).where(SavedMapping.saved_by_id == person_id)
    db.session.execute(saved.values(saved_by_id=None), execution_options=NO_SYNC)
