"""The only entry point to changes of jobs: enqueue, run, cancel and retry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, insert, update

from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.errors import NotFound, Refused
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.core.tracing import Tracing
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import after_commit, transaction, yield_to_writers
from webapp.db.upserts import insert_into
from webapp.jobs import leases
from webapp.jobs.kinds import job_kinds
from webapp.jobs.leases import never
from webapp.jobs.models import LABEL_MAX, Job, State, StopRequest, Worker
from webapp.jobs.notifier import Notifier
from webapp.jobs.queries import get_job

# Built once and sent without the unit of work, because pages enqueue jobs.
INSERT = insert(cast("Table", Job.__table__))


def enqueue(kind: str, *, by: Actor, run_after: datetime | None = None, **arguments: Any) -> Job:
    """Insert a job in the caller's transaction. A worker is woken after the commit.

    Raise Refused if `kind` is unknown.
    """
    return enqueue_several(kind, [arguments], by=by, run_after=run_after)[0]


def enqueue_several(
    kind: str, arguments: Sequence[dict[str, Any]], *, by: Actor, run_after: datetime | None = None
) -> list[Job]:
    """Insert a job for each of `arguments`, in one statement. Otherwise like `enqueue`."""
    if kind not in job_kinds():
        raise Refused(_("There is no kind of job called %(kind)s", kind=kind), code="unknown_kind")
    moment = now()
    traceparent = current_registry().get(Tracing).traceparent()
    values = [
        {
            "id": new_id(),
            "kind": kind,
            "arguments": each,
            "state": State.WAITING,
            "requested_by_id": by.id,
            "requested_by_label": by.label[:LABEL_MAX],
            "created_at": moment,
            "run_after": run_after or moment,
            "traceparent": traceparent,
        }
        for each in arguments
    ]
    with transaction(savepoint=False):
        db.session.execute(INSERT, values)
        if run_after is None:
            after_commit(wake_worker)
    return [Job(**each) for each in values]


def run_job(job_id: UUID, *, holder: str, is_stopping: Callable[[], bool] = never) -> None:
    """Run a job until it ends, fails, is cancelled or loses its lease. `holder` names this worker and thread."""
    _run(leases.acquire(holder=holder, job_id=job_id), holder=holder, acquire_next=False, is_stopping=is_stopping)


def run_due_jobs(*, holder: str, is_stopping: Callable[[], bool] = never) -> None:
    """Run jobs until none is due. Start with the job that has been due for longest."""
    first = leases.acquire(holder=holder) if leases.has_due_job() else None
    _run(first, holder=holder, acquire_next=True, is_stopping=is_stopping)


def _run(job_id: UUID | None, *, holder: str, acquire_next: bool, is_stopping: Callable[[], bool]) -> None:
    """Run an acquired job and, with `acquire_next`, those after it. Stop after a chunk if `is_stopping()`."""
    while job_id is not None:
        current, began = job_id, time.monotonic()
        try:
            job_id = leases.run_chunk(current, holder=holder, acquire_next=acquire_next, is_stopping=is_stopping)
        except Exception as error:  # noqa: BLE001  the job's row keeps the error, whatever it is
            leases.record_failure(current, holder=holder, error=error)
            job_id = leases.acquire(holder=holder) if acquire_next and not is_stopping() else None
        yield_to_writers(time.monotonic() - began)
        if job_id is not None and is_stopping():
            leases.release(job_id, holder=holder)
            return


@transaction()
def cancel_job(job_id: UUID, *, by: Actor) -> Job:
    """Cancel a waiting job at once, a running one after its current chunk. Leave a finished one as it is.

    This does not wait for the chunk.
    """
    locked = lock_idle_job(job_id)
    job = locked or get_job(job_id)
    if not job.live or job.is_stopping:
        return job
    if locked is None:
        request_stop(job_id)
    else:
        job.cancel_requested_at = now()
        if job.state == State.WAITING:
            job.state, job.finished_at = State.CANCELLED, now()
    record(Action.JOB_CANCELLED, subject=job, by=by, kind="job", label=job.kind)
    return job


@transaction()
def retry_job(job_id: UUID, *, by: Actor) -> Job:
    """Continue a failed or cancelled job from its checkpoint. Raise Refused for any other."""
    job = _locked(job_id)
    if job.state not in {State.FAILED, State.CANCELLED}:
        raise Refused(_("You can retry only a failed or cancelled job"), code="not_over")
    job.state, job.attempts, job.run_after = State.WAITING, 0, now()
    job.finished_at = job.cancel_requested_at = job.error = None
    withdraw_stop(job_id)
    record(Action.JOB_RETRIED, subject=job, by=by, kind="job", label=job.kind)
    after_commit(wake_worker)
    return job


def lock_idle_job(job_id: UUID) -> Job | None:
    """Lock and return a job. Return None if a chunk of it is running, which has locked the row."""
    return db.session.get(Job, job_id, with_for_update={"skip_locked": True}, populate_existing=True)


def request_stop(subject_id: UUID) -> None:
    """Ask the next chunk of this job, bulk change or import to stop. Idempotent, also at the same time."""
    db.session.execute(insert_into(StopRequest).values(subject_id=subject_id).on_conflict_do_nothing())


def withdraw_stop(subject_id: UUID) -> None:
    db.session.execute(delete(StopRequest).where(StopRequest.subject_id == subject_id))


def anonymise_requester(person_id: UUID, *, label: str) -> None:
    """Replace the requester's name on their jobs. Call it in the transaction that erases the person."""
    statement = update(Job).where(Job.requested_by_id == person_id).values(requested_by_label=label[:LABEL_MAX])
    db.session.execute(statement, execution_options=NO_SYNC)


def throughput(job: Job) -> tuple[float | None, int | None]:
    """Return items per second since the start and the seconds left at that rate, each None if unknown."""
    if job.started_at is None or not job.done:
        return None, None
    seconds = ((job.finished_at or now()) - job.started_at).total_seconds()
    rate = job.done / max(seconds, 0.001)
    if job.total is None or not job.live:
        return rate, None
    return rate, round(max(job.total - job.done, 0) / rate)


@transaction()
def record_heartbeat(worker: str) -> None:
    db.session.merge(Worker(name=worker, seen_at=now()))


def wake_worker() -> None:
    current_registry().get(Notifier).notify()


def _locked(job_id: UUID) -> Job:
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(_("This job does not exist"))
    return job
