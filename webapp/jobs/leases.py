"""Who works on a job: taking it, its chunks one by one, giving it back, and taking up what a dead worker left.

A job is taken in a transaction of its own, or at the end of the one before, so that its attempt is counted whatever the
work then does to this process. While a chunk runs, its transaction holds the job's row.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, Table, and_, bindparam, exists, func, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate

from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun, job_kinds
from webapp.jobs.models import ERROR_MAX, Job, State

LEASE = timedelta(seconds=60)
BACKOFF_MAX = timedelta(minutes=10)
# What stands on a job that nobody works on.
NOBODY = {"lease_holder": None, "lease_until": None}

# The statements are made once: making one takes longer than sending it.
jobs = cast("Table", Job.__table__)
_moment = bindparam("moment", type_=jobs.c.run_after.type)
_this = jobs.c.id == bindparam("job_id")
_due = and_(jobs.c.state == State.WAITING, jobs.c.run_after <= _moment)
_orphaned = and_(jobs.c.state == State.RUNNING, jobs.c.lease_until <= _moment)

SOON = text("SET LOCAL synchronous_commit TO off")
ANY_DUE = select(exists().where(_due))
ORPHANS = select(jobs.c.id, jobs.c.lease_holder).where(_orphaned)
HELD = select(jobs).where(_this, jobs.c.state == State.RUNNING, jobs.c.lease_holder == bindparam("holder"))
HELD = HELD.with_for_update()
CHANGE = update(jobs).where(_this)


def _taking(which: Select[UUID]) -> ReturningUpdate[Any]:
    values = {
        "state": State.RUNNING,
        "attempts": jobs.c.attempts + 1,
        "started_at": func.coalesce(jobs.c.started_at, _moment),
        "lease_holder": bindparam("holder"),
        "lease_until": bindparam("until", type_=jobs.c.lease_until.type),
    }
    # Whoever else takes at this moment takes another: nobody waits.
    one = which.with_for_update(skip_locked=True).scalar_subquery()
    query = update(jobs).where(jobs.c.id == one).values(values)
    return query.returning(jobs.c.id, jobs.c.kind, jobs.c.attempts, jobs.c.error, jobs.c.cancel_requested_at)


TAKE_DUE = _taking(select(jobs.c.id).where(_due).order_by(jobs.c.run_after).limit(1))
TAKE_THIS = _taking(select(jobs.c.id).where(_this, or_(_due, _orphaned)))

log = structlog.get_logger("rollcall.jobs")

# Set when this process is told to end: jobs are given back after the chunk they are at.
stopping = threading.Event()


def holder() -> str:
    """This thread of this process of this machine."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident() % 10**9}"


def acquire(*, holder: str, job_id: UUID | None = None) -> UUID | None:
    """Takes the job that is due for longest, or this one; None when there is none to take."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            # A lease that a crash of the database forgets is taken again: no reason to wait for the disk.
            db.session.execute(SOON)
        return _next(holder, job_id)


def anything_due() -> bool:
    """Whether there is something to take: read before taking, which on SQLite locks out all who write."""
    db.session.rollback()
    return bool(db.session.scalar(ANY_DUE, {"moment": now()}))


def run_chunk(job_id: UUID, *, holder: str, take_next: bool) -> tuple[bool, UUID | None]:
    """One chunk with all its effects; whether there is another, and if not, which job was taken next, if it should be.

    Ending one job and taking the next are one commit: most jobs are one chunk.
    """
    with transaction():
        job = _held(job_id, holder)
        if job is not None and _worked(job):
            return True, None
        return False, _next(holder) if take_next and not stopping.is_set() else None


def fail(job_id: UUID, *, holder: str, error: Exception) -> None:
    """Keeps the error; tries again later, or no more."""
    with transaction():
        job = _held(job_id, holder)
        if job is None:
            return
        reason = f"{type(error).__name__}: {error}"[:ERROR_MAX]
        log.warning("job.failed", job=str(job_id), kind=job.kind, attempt=job.attempts, error=reason)
        if job.attempts >= job_kinds()[job.kind].attempts:
            _change(job_id, ended(State.FAILED, error=reason))
            return
        wait = min(timedelta(seconds=2**job.attempts), BACKOFF_MAX)
        _change(job_id, {"state": State.WAITING, "error": reason, "run_after": now() + wait, **NOBODY})


def release(job_id: UUID, *, holder: str) -> None:
    """Gives a job back between two chunks, for another worker to go on at once."""
    with transaction():
        if _held(job_id, holder) is not None:
            _change(job_id, {"state": State.WAITING, "attempts": 0, "run_after": now(), **NOBODY})


def recover_expired_leases() -> int:
    """Lets others take what is leased to a worker that no longer renews it, and is at no chunk of it; how many."""
    moment = {"moment": now()}
    db.session.rollback()
    if not db.session.execute(ORPHANS, moment).first():
        return 0
    with transaction():
        # One whose chunk takes longer than its lease is locked, and skipped.
        orphans = db.session.execute(ORPHANS.with_for_update(skip_locked=True), moment).all()
        for orphan in orphans:
            log.warning("job.orphaned", job=str(orphan.id), holder=orphan.lease_holder)
            _change(orphan.id, {"state": State.WAITING, **NOBODY})
    return len(orphans)


def ended(state: State, *, error: str | None = None) -> dict[str, Any]:
    """What a job's row says once it is over."""
    return {"state": state, "error": error, "finished_at": now(), **NOBODY}


def _next(holder: str, job_id: UUID | None = None) -> UUID | None:
    """Takes what may be worked on; ends what it comes upon that may not."""
    while (job := _claimed(holder, job_id)) is not None:
        kind = job_kinds().get(job.kind)
        if kind is None:
            _change(job.id, ended(State.FAILED, error="unknown kind"))
        elif job.attempts > kind.attempts:
            reason = job.error or "the worker died each time"
            _change(job.id, {"attempts": kind.attempts, **ended(State.FAILED, error=reason)})
        elif job.cancel_requested_at:
            _change(job.id, ended(State.CANCELLED))
        else:
            return cast("UUID", job.id)
    return None


def _claimed(holder: str, job_id: UUID | None) -> Any:
    """Takes a job in one statement. Whoever else takes at this moment takes another: nobody waits."""
    moment = now()
    values = {"moment": moment, "holder": holder, "until": moment + LEASE}
    if job_id is None:
        return db.session.execute(TAKE_DUE, values).first()
    return db.session.execute(TAKE_THIS, values | {"job_id": job_id}).first()


def _held(job_id: UUID, holder: str) -> Row[Any] | None:
    """The job, locked, if `holder` still has it."""
    return db.session.execute(HELD, {"job_id": job_id, "holder": holder}).first()


def _worked(job: Row[Any]) -> bool:
    """Does a chunk; whether there is another."""
    if job.cancel_requested_at:
        _change(job.id, ended(State.CANCELLED))
        return False
    run = JobRun(job)
    job_kinds()[job.kind].work(run)
    if run.finished:
        _change(job.id, run.changes | {"attempts": 1} | ended(State.DONE))
        return False
    _change(job.id, run.changes | {"attempts": 1, "error": None, "lease_until": now() + LEASE})
    return True


def _change(job_id: UUID, values: dict[str, Any]) -> None:
    db.session.execute(CHANGE, {"job_id": job_id, **values})
