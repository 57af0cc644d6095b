"""The only door to jobs: asking, working, cancelling and retrying."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert, update

from webapp.audit.models import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.errors import NotFound, Refused
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import after_commit, transaction, yield_to_writers
from webapp.jobs import leases
from webapp.jobs.kinds import job_kinds
from webapp.jobs.models import LABEL_MAX, Job, State, Worker

# How a worker is told to look: set by webapp.jobs.notifier, so that this file knows no broker.
notify: Callable[[], object] = lambda: None  # noqa: E731

# Made once, and past the unit of work: asking is part of a page.
ASK = insert(cast("Table", Job.__table__))


def enqueue(kind: str, *, by: Actor, run_after: datetime | None = None, **arguments: Any) -> Job:
    """A job of this kind, in the transaction of whoever asks: rolled back with it, rung for once it is committed."""
    if kind not in job_kinds():
        raise Refused(_("There is no job of the kind %(kind)s.", kind=kind), code="unknown_kind")
    moment = now()
    values = {
        "id": new_id(),
        "kind": kind,
        "arguments": arguments,
        "state": State.WAITING,
        "requested_by_id": by.id,
        "requested_by_label": by.label[:LABEL_MAX],
        "created_at": moment,
        "run_after": run_after or moment,
    }
    with transaction():
        db.session.execute(ASK, values)
        if run_after is None:
            after_commit(_notify)
    return Job(**values)


def run_job(job_id: UUID, *, holder: str) -> None:
    """Works on a job until it is finished, refused, cancelled or taken over. `holder` names this worker and thread."""
    if leases.acquire(holder=holder, job_id=job_id) is not None:
        _work(job_id, holder=holder, take_next=False)


def run_due_jobs(*, holder: str) -> None:
    """Works on jobs whose time has come, one after the other, the longest due first, until there is none."""
    job_id = leases.acquire(holder=holder) if leases.anything_due() else None
    while job_id is not None:
        job_id = _work(job_id, holder=holder, take_next=True)


def _work(job_id: UUID, *, holder: str, take_next: bool) -> UUID | None:
    """All chunks of a job that is taken; which one was taken after it."""
    goes_on, following = True, None
    while goes_on:
        began = time.monotonic()
        try:
            goes_on, following = leases.run_chunk(job_id, holder=holder, take_next=take_next)
        except Exception as error:  # noqa: BLE001  whatever a chunk does, the job's row tells it
            leases.fail(job_id, holder=holder, error=error)
            return leases.acquire(holder=holder) if take_next and not leases.stopping.is_set() else None
        yield_to_writers(time.monotonic() - began)
        if leases.stopping.is_set() and (left := job_id if goes_on else following):
            leases.release(left, holder=holder)
            return None
    return following


@transaction()
def cancel_job(job_id: UUID, *, by: Actor) -> Job:
    """A waiting job is over at once, a running one after its chunk. One that is over stays as it is."""
    job = _existing(job_id)
    if not job.live or job.cancel_requested_at:
        return job
    job.cancel_requested_at = now()
    if job.state == State.WAITING:
        job.state, job.finished_at = State.CANCELLED, now()
    record(Action.JOB_CANCELLED, subject=job, by=by, kind="job", label=job.kind)
    return job


@transaction()
def retry_job(job_id: UUID, *, by: Actor) -> Job:
    """A failed or cancelled job goes on where it stopped. Raises Refused for any other."""
    job = _existing(job_id)
    if job.state not in {State.FAILED, State.CANCELLED}:
        raise Refused(_("Only a failed or cancelled job can be tried again."), code="not_over")
    job.state, job.attempts, job.run_after = State.WAITING, 0, now()
    job.finished_at = job.cancel_requested_at = job.error = None
    record(Action.JOB_RETRIED, subject=job, by=by, kind="job", label=job.kind)
    after_commit(_notify)
    return job


def forget_person(person_id: UUID, *, label: str) -> None:
    """Calls whoever asked for these jobs by `label` from now on, inside the transaction that erases them."""
    theirs = update(Job).where(Job.requested_by_id == person_id).values(requested_by_label=label[:LABEL_MAX])
    db.session.execute(theirs, execution_options={"synchronize_session": False})


def pace(job: Job) -> tuple[float | None, int | None]:
    """Items a second since the start, and the seconds that are left at that pace; None where it cannot be told."""
    if job.started_at is None or not job.done:
        return None, None
    seconds = ((job.finished_at or now()) - job.started_at).total_seconds()
    speed = job.done / max(seconds, 0.001)
    if job.total is None or not job.live:
        return speed, None
    return speed, round(max(job.total - job.done, 0) / speed)


@transaction()
def record_heartbeat(worker: str) -> None:
    """Notes that a worker lives."""
    db.session.merge(Worker(name=worker, seen_at=now()))


def _notify() -> None:
    """Whatever the bell is at that moment."""
    notify()


def _existing(job_id: UUID) -> Job:
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(_("There is no such job."))
    return job
