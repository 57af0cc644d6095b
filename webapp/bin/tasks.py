"""The job that empties the bin."""

from __future__ import annotations

from datetime import timedelta

from webapp.bin.queries import expired_ids
from webapp.bin.services import purge_user
from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.schedules import SCHEDULER

CHUNK = 20


@job_kind("bin.empty", label=_("Erase users from the bin"), interval=timedelta(days=1), every=_("Every day"))
def empty(run: JobRun) -> None:
    """Erase users who can no longer be restored, one chunk after another."""
    ids = expired_ids(CHUNK)
    for user_id in ids:
        purge_user(user_id, by=SCHEDULER)
    erased = (run.checkpoint or 0) + len(ids)
    if len(ids) < CHUNK:
        run.finish(people=erased)
    else:
        run.advance(erased, done=len(ids))
