"""The job that deletes former photos."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.photos.queries import expired_photo_ids
from webapp.photos.services import delete_photos

CHUNK = 200


@job_kind("photos.purge", label=_("Delete former photos"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Delete former photos that no undo can bring back, one chunk after another."""
    ids = expired_photo_ids(CHUNK)
    delete_photos(ids)
    deleted = (run.checkpoint or 0) + len(ids)
    if len(ids) < CHUNK:
        run.finish(rows=deleted)
    else:
        run.advance(deleted, done=len(ids))
