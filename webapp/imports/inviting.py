"""The mail-out of an import: invites the people whom it created, in the order of the file."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from webapp.audit.services import grouped_changes
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.imports.models import Import, ImportRow, Outcome
from webapp.users.inviting import invite_user

INVITED_PER_CHUNK = 20


def invite_chunk(imported: Import, *, after: int, by: Actor) -> int | None:
    """Invite the people of the next rows. Return the number of the last row, or None at the end.

    People with a password and people without access get no invitation.
    """
    query = select(ImportRow.number, ImportRow.user_id).where(
        ImportRow.import_id == imported.id, ImportRow.outcome == Outcome.CREATED, ImportRow.number > after
    )
    rows = db.session.execute(query.order_by(ImportRow.number).limit(INVITED_PER_CHUNK)).all()
    with grouped_changes(batch_id=imported.id):
        for row in rows:
            with suppress(Refused):
                invite_user(row.user_id, by=by)
    return rows[-1].number if rows else None
