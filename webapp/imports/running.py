"""Runs an import chunk by chunk: by its job, or within the request if the import is small."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, update

from webapp.bulk.requester import save_token
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.applying import apply_step
from webapp.imports.checks import lock_own
from webapp.imports.finishing import finish_applying, finish_undo
from webapp.imports.models import APPLIED_CHANGES, PLANNED_CHANGES, Import, State, Step
from webapp.imports.preview import preview_step
from webapp.imports.sources import RowSource, open_sources
from webapp.imports.undoing import undo_step
from webapp.jobs.models import Job
from webapp.jobs.models import State as JobState
from webapp.jobs.services import enqueue, withdraw_stop

# A request previews a file of at most this size, and applies at most this number of rows. A job does more.
REQUEST_BYTES_MAX = 64 * 1024
REQUEST_ROWS_MAX = 200
# After this time, a job takes over an import whose request was interrupted.
REQUEST_TIME = timedelta(minutes=1)
REQUEST_SECONDS = 3


def start_job(kind: str, imported: Import, *, by: Actor, total: int | None) -> None:
    """Enqueue the job that continues. For a small import, it runs only if the request is interrupted."""
    save_token(imported, by)
    run_after = now() + REQUEST_TIME if _is_small(imported) else None
    imported.job_id = enqueue(kind, by=by, run_after=run_after, import_id=imported.id.hex, total=total).id
    imported.stop_requested_at = None
    withdraw_stop(imported.id)


def has_live_job(imported: Import) -> bool:
    job = db.session.get(Job, imported.job_id, populate_existing=True) if imported.job_id else None
    return job is not None and job.live


def continue_import(imported: Import, *, by: Actor) -> Import:
    """Work on a small import in this request, one transaction for each chunk. A slow one is left to the job.

    Do not call this inside a transaction: on SQLite, all others would wait for it.
    """
    state, step = imported.state, STEPS[State(imported.state)]
    started, has_more = time.monotonic(), _is_small(imported)
    while has_more:
        with transaction():
            imported = lock_own(imported.id, by)
            if imported.state != state:
                return imported
            has_more = step(imported, by)
            is_late = time.monotonic() - started > REQUEST_SECONDS
            if not has_more:
                db.session.execute(delete(Job).where(Job.id == imported.job_id, Job.state == JobState.WAITING))
                imported.job_id = None
            elif is_late:
                db.session.execute(update(Job).where(Job.id == imported.job_id).values(run_after=now()))
        has_more = has_more and not is_late
    return imported


def _is_small(imported: Import) -> bool:
    """Whether a request does the work of the state that the import has now."""
    if imported.state == State.PLANNING:
        return imported.size <= REQUEST_BYTES_MAX
    return imported.count(*PLANNED_CHANGES, *APPLIED_CHANGES) <= REQUEST_ROWS_MAX


def preview_chunk(imported: Import, by: Actor, source: RowSource | None = None) -> bool:
    """Plan one chunk of a locked import. Return whether there is another. `source`: by default the uploaded file."""
    if source is not None or imported.step != Step.ROWS:
        return preview_step(imported, source, by=by)
    source = open_sources().take_out(imported)
    has_more = preview_step(imported, source, by=by)
    if has_more:
        open_sources().put_back(imported, source)
    return has_more


def apply_chunk(imported: Import, by: Actor) -> bool:
    """Apply one chunk of a locked import. Return whether there is another."""
    if not imported.is_stopping and apply_step(imported, by=by) is not None:
        return True
    finish_applying(imported, by=by)
    return False


def undo_chunk(imported: Import, by: Actor) -> bool:
    """Undo one chunk of a locked import. Return whether there is another."""
    if undo_step(imported, by=by) is not None:
        return True
    finish_undo(imported, by=by)
    return False


STEPS: dict[State, Callable[[Import, Actor], bool]] = {
    State.PLANNING: preview_chunk,
    State.APPLYING: apply_chunk,
    State.UNDOING: undo_chunk,
}
