"""The jobs that deactivate temporary accounts after their end, and that keep the keys of search up to date."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.schedules import SCHEDULER
from webapp.users.queries import expired_user_ids
from webapp.users.services import deactivate_user
from webapp.users.stored_keys import recompute_keys

# Deactivating takes the lock of all changes of owners, for which others wait until the end of the chunk.
CHUNK = 10
KEYS_CHUNK = 500


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


@job_kind("users.keys", label=_("Update the search keys of people"), interval=timedelta(days=1), every=_("Every day"))
def update_keys(run: JobRun) -> None:
    """Recompute keys that another version wrote, for example while this version was being deployed."""
    after = UUID(run.checkpoint) if run.checkpoint else None
    last, number = recompute_keys(db.session.connection(), after=after, limit=KEYS_CHUNK)
    if last is None:
        run.finish()
    else:
        run.advance(str(last), done=number)
