"""The end of applying and of undoing: the final state, one audit record, and the end of the file and its passwords."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import delete, update

from webapp.audit.actions import Action
from webapp.audit.services import grouped_changes, record
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import remove_time_limit
from webapp.imports.models import PLANNED_CHANGES, Import, ImportKey, ImportRow, Outcome, State
from webapp.imports.outcomes import count_outcomes
from webapp.imports.uploads import delete_parts
from webapp.jobs.services import enqueue

INVITE_JOB = "imports.invite"


def finish_applying(imported: Import, *, by: Actor, message: str | None = None) -> None:
    """End applying. Rows that were not reached are skipped; `message` says why.

    A job sends the invitations. A command, which has no requester, sends them itself.
    """
    left = Counter({outcome: number for outcome in PLANNED_CHANGES if (number := imported.count(outcome))})
    if left:
        _skip_others(imported, message or str(_("Stopped before this row")))
        count_outcomes(imported, Counter({Outcome.SKIPPED: left.total()}), removed=left)
    imported.state, imported.applied_at = State.APPLIED, now()
    delete_file(imported)
    with grouped_changes(batch_id=imported.id):
        _record_summary(Action.IMPORT_APPLIED, imported, by)
    if imported.invite and imported.requested_by_id and imported.count(Outcome.CREATED):
        number = imported.count(Outcome.CREATED)
        imported.invitations_job_id = enqueue(INVITE_JOB, by=by, import_id=imported.id.hex, total=number).id


def finish_undo(imported: Import, *, by: Actor) -> None:
    imported.state, imported.undone_at = State.UNDONE, now()
    with grouped_changes(batch_id=imported.undo_id):
        _record_summary(Action.IMPORT_UNDONE, imported, by)


def delete_file(imported: Import) -> None:
    """Delete the file and what only the preview needs. The passwords of rows are deleted with their outcome."""
    imported.file_deleted_at = now()
    delete_parts(imported.id)
    delete_keys(imported.id)


def delete_keys(import_id: UUID) -> None:
    db.session.execute(delete(ImportKey).where(ImportKey.import_id == import_id), execution_options=NO_SYNC)


def _skip_others(imported: Import, message: str) -> None:
    remove_time_limit()
    others = update(ImportRow).where(ImportRow.import_id == imported.id, ImportRow.outcome.in_(PLANNED_CHANGES))
    values = {"outcome": Outcome.SKIPPED, "message": message, "secret": None}
    db.session.execute(others.values(values), execution_options=NO_SYNC)


def _record_summary(action: Action, imported: Import, by: Actor) -> None:
    values = {"import_mode": imported.mode, "import_rows": str(imported.total)}
    values |= {f"import_{outcome}": str(number) for outcome, number in sorted(imported.counts.items())}
    changes = {name: (None, value) for name, value in values.items()}
    record(action, subject=imported, by=by, kind="import", label=imported.filename, changes=changes)
