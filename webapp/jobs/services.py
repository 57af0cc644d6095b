"""The only door to jobs: asking, working, cancelling, retrying, and taking up what a dead worker left."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, text, update

from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.access import Actor
from webapp.core.clock import now
from webapp.core.database import after_commit, db, give_way, transaction
from webapp.core.errors import NotFound, Refused
from webapp.core.languages import _
from webapp.jobs.kinds import KINDS, Run
from webapp.jobs.models import ERROR_MAX, LABEL_MAX, Job, State, Worker
from webapp.jobs.queries import due_jobs

LEASE = timedelta(seconds=60)
# A bell that nobody heard is rung again after so long.
RING_AGAIN = timedelta(seconds=60)
BACKOFF_MAX = timedelta(minutes=10)
SWEEP_LIMIT = 500

log = structlog.get_logger("rollcall.jobs")

# Set when this process is told to end: jobs are given back after the chunk they are at.
stopping = threading.Event()

# How a worker is told to look: set by webapp.jobs.bell, so that this file knows no broker.
# Whether the bell could be rung at all.
ring: Callable[[UUID], bool] = lambda _job_id: True  # noqa: E731


def ask_for(kind: str, *, by: Actor, run_after: datetime | None = None, **arguments: Any) -> Job:
    """A job of this kind, in the transaction of whoever asks: rolled back with it, rung for once it is committed."""
    if kind not in KINDS:
        raise Refused(_("There is no job of the kind %(kind)s.", kind=kind), code="unknown_kind")
    with transaction():
        job = Job(
            kind=kind,
            arguments=arguments,
            asked_by_id=by.id,
            asked_by_label=by.label[:LABEL_MAX],
            run_after=run_after or now(),
            rung_at=now(),
        )
        db.session.add(job)
        db.session.flush()
        job_id = job.id
        if run_after is None:
            after_commit(lambda: ring(job_id))
    return job


def work_on(job_id: UUID, *, holder: str) -> None:
    """Works on a job until it is finished, refused, cancelled or taken over. `holder` names this worker and thread."""
    if not _take(job_id, holder=holder):
        return
    while True:
        began = time.monotonic()
        try:
            goes_on = _chunk(job_id, holder=holder)
        except Exception as error:  # noqa: BLE001  whatever a chunk does, the job's row tells it
            _failed(job_id, holder=holder, error=error)
            return
        if not goes_on:
            return
        give_way(time.monotonic() - began)
        if stopping.is_set():
            _release(job_id, holder=holder)
            return


@transaction()
def _release(job_id: UUID, *, holder: str) -> None:
    """Gives a job back between two chunks, for another worker to go on at once."""
    job = _locked(job_id)
    if job is not None and job.state == State.RUNNING and job.lease_holder == holder:
        job.state, job.attempts, job.run_after = State.WAITING, 0, now()
        job.lease_holder = job.lease_until = job.rung_at = None


@transaction()
def _take(job_id: UUID, *, holder: str) -> bool:
    """Takes the lease; False when there is nothing to take."""
    moment = now()
    if db.engine.dialect.name == "postgresql":
        # A lease that a crash of the database forgets is taken again: no reason to wait for the disk.
        db.session.execute(text("SET LOCAL synchronous_commit TO off"))
    if _take_fresh(job_id, holder=holder, moment=moment):
        return True
    job = _locked(job_id)
    waits = job is not None and job.state == State.WAITING and job.run_after <= moment
    orphaned = job is not None and job.state == State.RUNNING and (job.lease_until or moment) <= moment
    if job is None or not (waits or orphaned):
        return False
    work = KINDS.get(job.kind)
    if work is None or job.attempts >= work.attempts:
        reason = "unknown kind" if work is None else job.error or "the worker died each time"
        _end(job, State.FAILED, error=reason)
        return False
    if job.cancel_asked_at:
        _end(job, State.CANCELLED)
        return False
    job.state, job.attempts, job.started_at = State.RUNNING, job.attempts + 1, job.started_at or moment
    job.lease_holder, job.lease_until = holder, moment + LEASE
    return True


def _take_fresh(job_id: UUID, *, holder: str, moment: datetime) -> bool:
    """Takes a job that nobody has tried yet, as nearly all are, in one statement."""
    fresh = (Job.state == State.WAITING, Job.attempts == 0, Job.run_after <= moment, Job.cancel_asked_at.is_(None))
    taken = {
        "state": State.RUNNING,
        "attempts": 1,
        "started_at": func.coalesce(Job.started_at, bindparam("moment", moment, Job.run_after.type)),
        "lease_holder": holder,
        "lease_until": moment + LEASE,
    }
    query = update(Job).where(Job.id == job_id, Job.kind.in_(KINDS), *fresh).values(taken).returning(Job.id)
    return db.session.scalar(query.execution_options(synchronize_session=False)) is not None


@transaction()
def _chunk(job_id: UUID, *, holder: str) -> bool:
    """One chunk with all its effects; whether there is another."""
    job = _locked(job_id)
    if job is None or job.state != State.RUNNING or job.lease_holder != holder:
        return False
    if job.cancel_asked_at:
        _end(job, State.CANCELLED)
        return False
    KINDS[job.kind].work(Run(job))
    job.attempts, job.error, job.lease_until = 1, None, now() + LEASE
    if job.state == State.DONE:
        _end(job, State.DONE)
        return False
    return True


@transaction()
def _failed(job_id: UUID, *, holder: str, error: Exception) -> None:
    """Keeps the error; tries again later, or no more."""
    job = _locked(job_id)
    if job is None or job.state != State.RUNNING or job.lease_holder != holder:
        return
    reason = f"{type(error).__name__}: {error}"[:ERROR_MAX]
    log.warning("job.failed", job=str(job_id), kind=job.kind, attempt=job.attempts, error=reason)
    if job.attempts >= KINDS[job.kind].attempts:
        _end(job, State.FAILED, error=reason)
        return
    job.state, job.error = State.WAITING, reason
    job.lease_holder = job.lease_until = job.rung_at = None
    job.run_after = now() + min(timedelta(seconds=2**job.attempts), BACKOFF_MAX)


def _end(job: Job, state: State, *, error: str | None = None) -> None:
    job.state, job.error, job.finished_at = state, error, now()
    job.lease_holder = job.lease_until = None


@transaction()
def cancel_job(job_id: UUID, *, by: Actor) -> Job:
    """A waiting job is over at once, a running one after its chunk. One that is over stays as it is."""
    job = _existing(job_id)
    if not job.live or job.cancel_asked_at:
        return job
    job.cancel_asked_at = now()
    if job.state == State.WAITING:
        _end(job, State.CANCELLED)
    record(Action.JOB_CANCELLED, subject=job, by=by, kind="job")
    return job


@transaction()
def retry_job(job_id: UUID, *, by: Actor) -> Job:
    """A failed or cancelled job goes on where it stopped. Raises Refused for any other."""
    job = _existing(job_id)
    if job.state not in {State.FAILED, State.CANCELLED}:
        raise Refused(_("Only a failed or cancelled job can be tried again."), code="not_over")
    job.state, job.attempts, job.run_after, job.rung_at = State.WAITING, 0, now(), now()
    job.finished_at = job.cancel_asked_at = job.error = None
    record(Action.JOB_RETRIED, subject=job, by=by, kind="job")
    after_commit(lambda: ring(job_id))
    return job


def pace(job: Job) -> tuple[float | None, int | None]:
    """Items a second since the start, and the seconds that are left at that pace; None where it cannot be told."""
    if job.started_at is None or not job.done:
        return None, None
    seconds = ((job.finished_at or now()) - job.started_at).total_seconds()
    speed = job.done / max(seconds, 0.001)
    if job.total is None or not job.live:
        return speed, None
    return speed, round(max(job.total - job.done, 0) / speed)


def sweep() -> int:
    """Rings for every job that is due and that nobody works on; how many. Missed bells and dead workers end here."""
    moment = now()
    with transaction():
        jobs = due_jobs(moment, rung_before=moment - RING_AGAIN, limit=SWEEP_LIMIT)
        for job in jobs:
            job.rung_at = moment
        due = [job.id for job in jobs]
    # A broker that is away may take seconds to tell: it is asked once, and not for each job.
    return sum(1 for _job_id in itertools.takewhile(ring, due))


@transaction()
def seen(worker: str) -> None:
    """Notes that a worker lives."""
    db.session.merge(Worker(name=worker, seen_at=now()))


def _existing(job_id: UUID) -> Job:
    job = _locked(job_id)
    if job is None:
        raise NotFound(_("There is no such job."))
    return job


def _locked(job_id: UUID) -> Job | None:
    return db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
