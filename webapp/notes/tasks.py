"""The job that erases deleted notes."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.notes.queries import expired_note_ids
from webapp.notes.services import delete_expired

CHUNK = 200


@job_kind("notes.purge", label=_("Erase deleted notes"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Erase deleted notes that no undo can bring back, one chunk after another."""
    ids = expired_note_ids(CHUNK)
    delete_expired(ids)
    erased = (run.checkpoint or 0) + len(ids)
    if len(ids) < CHUNK:
        run.finish(rows=erased)
    else:
        run.advance(erased, done=len(ids))
