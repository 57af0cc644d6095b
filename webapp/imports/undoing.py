"""Undoes one chunk of an applied import: new users go to the bin, other changes are undone record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from webapp.audit.models import AuditRecord
from webapp.audit.services import grouped_changes
from webapp.bin.services import delete_user, delete_users
from webapp.bulk.attempts import in_time, message_of, undo_recorded
from webapp.bulk.models import Outcome as Attempt
from webapp.core.errors import Refused
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.models import Import, Outcome
from webapp.imports.outcomes import Done, count_outcomes, update_rows
from webapp.imports.queries import rows_in
from webapp.users.models import User
from webapp.users.undoing_many import undo_updates

ROWS_PER_CHUNK = 200
# New users last, because other rows may refer to them.
_ORDER = (Outcome.DEACTIVATED, Outcome.UPDATED, Outcome.CREATED)


def undo_step(imported: Import, *, by: Actor) -> int | None:
    """Undo one chunk, the last rows first. Return the number of rows, or None if nothing is left."""
    outcome = next((each for each in _ORDER if imported.count(each)), None)
    if outcome is None:
        return None
    rows = rows_in(imported, outcome, ROWS_PER_CHUNK, last_first=True)
    changed = _changed_since(imported, [row.user_id for row in rows]) if outcome == Outcome.CREATED else set()
    undone = _undo_together(imported, [row for row in rows if row.user_id not in changed], outcome, by=by)
    update_rows(imported, list(undone), {"outcome": Outcome.UNDONE, "message": None})
    outcomes = Counter({Outcome.UNDONE: len(undone)})
    for row in in_time([row for row in rows if row.number not in undone]):
        done = _undo(imported, row, outcome, changed, by=by)
        update_rows(imported, [row.number], {"outcome": done.outcome, "message": done.message})
        outcomes[done.outcome] += 1
    count_outcomes(imported, outcomes, removed=Counter({outcome: outcomes.total()}))
    return outcomes.total()


def _undo_together(imported: Import, rows: Sequence[Row[Any]], outcome: Outcome, *, by: Actor) -> set[int]:
    """Undo the rows that need few checks, in few statements. Return their numbers."""
    with transaction(), grouped_changes(batch_id=imported.undo_id):
        if outcome == Outcome.CREATED:
            done = delete_users([row.user_id for row in rows], by=by)
            numbers = {row.number for row in rows if row.user_id in done}
        elif outcome == Outcome.UPDATED:
            of_one = {UUID(row.record_ids[0]): row.number for row in rows if len(row.record_ids or []) == 1}
            numbers = {of_one[record_id] for record_id in undo_updates(list(of_one), by=by)}
        else:
            numbers = set()
        db.session.flush()
    return numbers


def _undo(imported: Import, row: Row[Any], outcome: Outcome, changed: Collection[UUID], *, by: Actor) -> Done:
    if outcome != Outcome.CREATED:
        result = undo_recorded(imported.undo_id, row.record_ids or [], changes=[], by=by)
        return Done(Outcome.UNDONE if result.outcome == Attempt.UNDONE else Outcome.KEPT, result.message)
    if row.user_id in changed:
        return Done(Outcome.KEPT, str(_("Signed in or was changed after the import")))
    try:
        with transaction(), grouped_changes(batch_id=imported.undo_id):
            delete_user(row.user_id, by=by)
    except Refused as error:
        return Done(Outcome.KEPT, message_of(error))
    return Done(Outcome.UNDONE)


def _changed_since(imported: Import, user_ids: Collection[UUID]) -> set[UUID]:
    """Return the IDs of people who signed in, or who have an audit record from outside the import."""
    later = select(AuditRecord.subject_id).where(
        AuditRecord.subject_id.in_(user_ids),
        or_(AuditRecord.batch_id.is_(None), AuditRecord.batch_id != imported.id),
    )
    signed_in = select(User.id).where(User.id.in_(user_ids), User.last_sign_in_at.is_not(None))
    return {*db.session.scalars(later), *db.session.scalars(signed_in)}
