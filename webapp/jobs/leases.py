"""Leases: a worker acquires a job, runs its chunks, renews or releases the lease, and recovers expired ones.

Acquiring commits before the first chunk, so that the attempt counts even if the job kills the process. While a chunk
runs, its transaction holds a lock on the job's row (docs/design/jobs.md).
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, Table, and_, bindparam, exists, func, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.tracing import Tracing
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun, job_kinds
from webapp.jobs.models import ERROR_MAX, Job, State, StopRequest

LEASE = timedelta(seconds=60)
BACKOFF_MAX = timedelta(minutes=10)
# During an upgrade a worker of the new version may know a kind that the old one does not know.
UNKNOWN_KIND, UNKNOWN_KIND_WAIT, UNKNOWN_KIND_MAX = "unknown kind", timedelta(minutes=1), timedelta(days=1)
NO_LEASE = {"lease_holder": None, "lease_until": None}

# Built once, because building a statement takes longer than sending it.
jobs = cast("Table", Job.__table__)
_moment = bindparam("moment", type_=jobs.c.run_after.type)
_is_this = jobs.c.id == bindparam("job_id")
_is_due = and_(jobs.c.state == State.WAITING, jobs.c.run_after <= _moment)
_is_expired = and_(jobs.c.state == State.RUNNING, jobs.c.lease_until <= _moment)

ASYNCHRONOUS_COMMIT = text("SET LOCAL synchronous_commit TO off")
ANY_DUE = select(exists().where(_is_due))
EXPIRED = select(jobs.c.id, jobs.c.lease_holder).where(_is_expired)
_is_held = and_(_is_this, jobs.c.state == State.RUNNING, jobs.c.lease_holder == bindparam("holder"))
_stop_requested = exists().where(StopRequest.subject_id == jobs.c.id).label("stop_requested")
HELD = select(jobs, _stop_requested).where(_is_held).with_for_update(of=jobs)
UPDATE = update(jobs).where(_is_this)

log = structlog.get_logger("rollcall.jobs")


def _acquire_statement(candidates: Select[UUID]) -> ReturningUpdate[Any]:
    values = {
        "state": State.RUNNING,
        "attempts": jobs.c.attempts + 1,
        "started_at": func.coalesce(jobs.c.started_at, _moment),
        "lease_holder": bindparam("holder"),
        "lease_until": bindparam("until", type_=jobs.c.lease_until.type),
    }
    # Workers that acquire at the same time skip each other's rows instead of waiting for them.
    one = candidates.with_for_update(skip_locked=True).scalar_subquery()
    query = update(jobs).where(jobs.c.id == one).values(values)
    job = (jobs.c.id, jobs.c.kind, jobs.c.created_at, jobs.c.attempts, jobs.c.error, jobs.c.cancel_requested_at)
    return query.returning(*job)


ACQUIRE_NEXT = _acquire_statement(select(jobs.c.id).where(_is_due).order_by(jobs.c.run_after).limit(1))
ACQUIRE_THIS = _acquire_statement(select(jobs.c.id).where(_is_this, or_(_is_due, _is_expired)))


def thread_holder() -> str:
    """Name this thread of this process on this machine."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**9}"


def never() -> bool:
    """The default of `is_stopping`, for jobs that run outside of a worker."""
    return False


def acquire(*, holder: str, job_id: UUID | None = None) -> UUID | None:
    """Acquire this job, or the one that has been due for longest. Return None if there is none."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            # Do not wait for the disk: if the database crashes and loses the lease, the job is acquired again.
            db.session.execute(ASYNCHRONOUS_COMMIT)
        return _acquire(holder, job_id)


def has_due_job() -> bool:
    """Return whether `acquire` would find a job. On SQLite `acquire` itself blocks all other writers."""
    db.session.rollback()
    return bool(db.session.scalar(ANY_DUE, {"moment": now()}))


def run_chunk(
    job_id: UUID, *, holder: str, acquire_next: bool = False, is_stopping: Callable[[], bool] = never
) -> UUID | None:
    """Run one chunk and commit all its effects. Return `job_id` if the job has another chunk.

    Otherwise return None or, with `acquire_next` and unless `is_stopping()`, the id of the job that was acquired
    next. Ending a job and acquiring the next one are one commit, because most jobs have one chunk.
    """
    with transaction():
        job = _held(job_id, holder)
        if job is not None and _run_chunk(job):
            return job_id
        return _acquire(holder) if acquire_next and not is_stopping() else None


def record_failure(job_id: UUID, *, holder: str, error: Exception) -> None:
    """Keep the error. The job is retried after an exponential backoff, or fails after its last attempt."""
    with transaction():
        job = _held(job_id, holder)
        if job is None:
            return
        reason = f"{type(error).__name__}: {error}"[:ERROR_MAX]
        log.warning("job.failed", job=str(job_id), kind=job.kind, attempt=job.attempts, error=reason)
        if job.attempts >= job_kinds()[job.kind].attempts:
            _update(job_id, _ended(State.FAILED, error=reason))
            return
        wait = min(timedelta(seconds=2**job.attempts), BACKOFF_MAX)
        _update(job_id, {"state": State.WAITING, "error": reason, "run_after": now() + wait, **NO_LEASE})


def release(job_id: UUID, *, holder: str) -> None:
    """Release the lease between two chunks. Another worker can go on at once."""
    with transaction():
        if _held(job_id, holder) is not None:
            _update(job_id, {"state": State.WAITING, "attempts": 0, "run_after": now(), **NO_LEASE})


def recover_expired_leases() -> int:
    """Let other workers continue the jobs of dead workers. Return the number of these jobs."""
    moment = {"moment": now()}
    db.session.rollback()
    if not db.session.execute(EXPIRED, moment).first():
        return 0
    with transaction():
        # A chunk that takes longer than its lease still locks the row, which is then skipped.
        expired = db.session.execute(EXPIRED.with_for_update(skip_locked=True), moment).all()
        for job in expired:
            log.warning("job.lease_expired", job=str(job.id), holder=job.lease_holder)
            _update(job.id, {"state": State.WAITING, **NO_LEASE})
    return len(expired)


def retry_unknown_kinds() -> None:
    """Let jobs wait again that a worker of an older version marked as failed, because it did not know their kind."""
    failed = jobs.c.state == State.FAILED, jobs.c.error == UNKNOWN_KIND, jobs.c.kind.in_(job_kinds())
    again = {"state": State.WAITING, "attempts": 0, "run_after": now(), "error": None, "finished_at": None}
    with transaction():
        db.session.execute(update(jobs).where(*failed).values(again))


def _acquire(holder: str, job_id: UUID | None = None) -> UUID | None:
    """Acquire the next job that may run. Mark jobs that may not run as failed or cancelled."""
    while (job := _acquire_any(holder, job_id)) is not None:
        kind = job_kinds().get(job.kind)
        if kind is None:
            _update(job.id, _postponed(job))
        elif job.attempts > kind.attempts:
            reason = job.error or "the worker died each time"
            _update(job.id, {"attempts": kind.attempts, **_ended(State.FAILED, error=reason)})
        elif job.cancel_requested_at:
            _update(job.id, _ended(State.CANCELLED))
        else:
            return cast("UUID", job.id)
    return None


def _postponed(job: Row[Any]) -> dict[str, Any]:
    """Return the new values of a job of an unknown kind: it waits for a newer worker, and fails after a day."""
    if now() - job.created_at > UNKNOWN_KIND_MAX:
        return _ended(State.FAILED, error=UNKNOWN_KIND)
    later = now() + UNKNOWN_KIND_WAIT
    return {"state": State.WAITING, "attempts": 0, "run_after": later, "error": UNKNOWN_KIND, **NO_LEASE}


def _acquire_any(holder: str, job_id: UUID | None) -> Any:
    moment = now()
    values = {"moment": moment, "holder": holder, "until": moment + LEASE}
    if job_id is None:
        return db.session.execute(ACQUIRE_NEXT, values).first()
    return db.session.execute(ACQUIRE_THIS, values | {"job_id": job_id}).first()


def _held(job_id: UUID, holder: str) -> Row[Any] | None:
    """Lock and return the job if `holder` still has its lease."""
    return db.session.execute(HELD, {"job_id": job_id, "holder": holder}).first()


def _run_chunk(job: Row[Any]) -> bool:
    """Return whether the job has another chunk."""
    if job.cancel_requested_at or job.stop_requested:
        _update(job.id, _ended(State.CANCELLED))
        return False
    run = JobRun(job)
    with current_registry().get(Tracing).job_span(job):
        job_kinds()[job.kind].work(run)
    if run.finished:
        _update(job.id, run.changes | {"attempts": 1} | _ended(State.DONE))
        return False
    success = {} if run.keeps_attempts else {"attempts": 1, "error": None}
    _update(job.id, run.changes | success | {"lease_until": now() + LEASE})
    return True


def _ended(state: State, *, error: str | None = None) -> dict[str, Any]:
    return {"state": state, "error": error, "finished_at": now(), **NO_LEASE}


def _update(job_id: UUID, values: dict[str, Any]) -> None:
    db.session.execute(UPDATE, {"job_id": job_id, **values})
