"""What the jobs of each kind share: they lock their run, and erase old runs and what was deleted a while ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.kinds import JobRun
from webapp.recurring.kinds import Kind, Run

RUNS_KEPT_FOR = timedelta(days=90)
DELETED_KEPT_FOR = timedelta(days=30)
CHUNK = 1000


def purge_rows(kind: Kind[Any, Any], job: JobRun) -> None:
    """Erase the next chunk of runs; after the last, also the deleted rows."""
    old = select(kind.run.id).where(kind.run.ended_at < now() - RUNS_KEPT_FOR).limit(CHUNK)
    found = list(db.session.scalars(old))
    if found:
        db.session.execute(delete(kind.run).where(kind.run.id.in_(found)))
        job.advance(None, done=len(found))
        return
    db.session.execute(delete(kind.row).where(kind.row.deleted_at < now() - DELETED_KEPT_FOR))
    job.finish()


def lock_run(kind: Kind[Any, Run], job: JobRun) -> Run | None:
    """Return the locked run of the job. None if it has ended."""
    run_id = UUID(job.arguments["run_id"])
    run = db.session.get(kind.run, run_id, with_for_update=True, populate_existing=True)
    return None if run is None or run.ended_at or run.job_id != job.job_id else run
