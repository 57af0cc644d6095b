"""Jobs of the job room itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, text

from webapp.core.clock import now
from webapp.core.texts import _
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.models import LIVE, Job, Worker
from webapp.jobs.notifier import celery

KEPT_FOR = timedelta(days=90)
WORKERS_KEPT_FOR = timedelta(days=1)
CHUNK = 500


@job_kind("jobs.purge", label=_("Remove old jobs and broker rows"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Removes jobs that ended long ago, a chunk at a time, workers that are gone, and messages that were heard."""
    old = select(Job.id).where(Job.state.not_in(LIVE), Job.finished_at < now() - KEPT_FOR).limit(CHUNK)
    ids = list(db.session.scalars(old))
    if ids:
        db.session.execute(delete(Job).where(Job.id.in_(ids)))
        run.advance(None, done=len(ids))
        return
    db.session.execute(delete(Worker).where(Worker.seen_at < now() - WORKERS_KEPT_FOR))
    run.finish(messages=_purge_broker())


def _purge_broker() -> int:
    """How many heard messages were removed: they stay in the SQLite broker, invisible; other brokers drop theirs."""
    with celery.connection_for_write() as connection:
        if connection.transport.driver_type != "sql":
            return 0
        engine = connection.default_channel.session.get_bind()
        with engine.begin() as broker:
            return int(broker.execute(text("DELETE FROM kombu_message WHERE visible = 0")).rowcount)
