"""The job that deactivates temporary accounts after their end."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.texts import _
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.schedules import SCHEDULER
from webapp.users.queries import expired_user_ids
from webapp.users.services import deactivate_user

# Deactivating takes the lock of all changes of owners, for which others wait until the end of the chunk.
CHUNK = 10


@job_kind("users.end", label=_("Deactivate expired accounts"), interval=timedelta(hours=1), every=_("Every hour"))
def end(run: JobRun) -> None:
    """Deactivate users whose access has ended, in chunks. They cannot sign in after the end even if this runs late."""
    ids = expired_user_ids(CHUNK)
    for user_id in ids:
        deactivate_user(user_id, by=SCHEDULER)
    if len(ids) < CHUNK:
        run.finish(people=(run.checkpoint or 0) + len(ids))
    else:
        run.advance((run.checkpoint or 0) + len(ids), done=len(ids))
