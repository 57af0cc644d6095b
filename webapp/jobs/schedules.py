"""Schedules of jobs. The interval is in the code (`job_kind`), the next time and the pause are in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.audit.actions import Action
from webapp.audit.services import SubjectId, record
from webapp.core.clock import now
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.db.constraints import constraint_of
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import job_kinds
from webapp.jobs.models import Job, Schedule
from webapp.jobs.services import enqueue

SCHEDULER = Actor(ActorKind.SYSTEM, "Schedule")


def enqueue_due_schedules() -> int:
    """Enqueue the job of each due schedule. Return their number.

    If several schedulers run at the same time, one of them enqueues the job. Several missed runs become one job.
    """
    moment, enqueued = now(), 0
    for name in _due_names(moment):
        with transaction():
            schedule = db.session.get(Schedule, name, with_for_update=True, populate_existing=True)
            if schedule is None or schedule.paused_at or schedule.next_run_at > moment:
                continue
            schedule.next_run_at = _next_run(schedule.next_run_at, _interval(name), moment)
            schedule.last_job_id = enqueue(name, by=SCHEDULER).id
            enqueued += 1
    return enqueued


def _interval(name: str) -> timedelta:
    return job_kinds()[name].interval or timedelta.max


def _due_names(moment: datetime) -> list[str]:
    """Return the names of due schedules. Insert rows for new ones, which are due in the next round."""
    rows = {schedule.name: schedule for schedule in db.session.scalars(select(Schedule))}
    scheduled = job_kinds().scheduled
    for name in scheduled.keys() - rows.keys():
        _add_schedule(name)
    return [name for name, row in rows.items() if name in scheduled and not row.paused_at and row.next_run_at <= moment]


def _add_schedule(name: str) -> None:
    try:
        with transaction():
            db.session.add(Schedule(name=name, next_run_at=now()))
    except IntegrityError as error:
        # A conflict of the primary key means that another scheduler was faster.
        if constraint_of(error) != "pk_schedules":
            raise


def _next_run(last: datetime, interval: timedelta, moment: datetime) -> datetime:
    """Return the first regular time after `moment`."""
    return last + interval * ((moment - last) // interval + 1)


@transaction()
def run_now(name: str, *, by: Actor) -> Job:
    """Enqueue the job of the schedule now. The next regular run does not change."""
    schedule = _lock_schedule(name)
    job = enqueue(name, by=by)
    schedule.last_job_id = job.id
    _record(Action.SCHEDULE_RUN, name, by)
    return job


@transaction()
def pause(name: str, *, by: Actor) -> None:
    """Enqueue no more jobs of this schedule until `resume`. Idempotent."""
    schedule = _lock_schedule(name)
    if schedule.paused_at is None:
        schedule.paused_at = now()
        _record(Action.SCHEDULE_PAUSED, name, by)


@transaction()
def resume(name: str, *, by: Actor) -> None:
    """Continue at the next regular time. Runs that were missed during the pause are skipped. Idempotent."""
    schedule = _lock_schedule(name)
    if schedule.paused_at is not None:
        schedule.paused_at = None
        if schedule.next_run_at <= now():
            schedule.next_run_at = _next_run(schedule.next_run_at, _interval(name), now())
        _record(Action.SCHEDULE_RESUMED, name, by)


def _record(action: Action, name: str, by: Actor) -> None:
    subject = SubjectId(uuid5(NAMESPACE_URL, f"rollcall:schedule:{name}"))
    record(action, subject=subject, by=by, kind="schedule", label=name, changes={"schedule": (None, name)})


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule with its last job. `next_run_at` is None until the first worker runs."""

    name: str
    label: str
    every: str
    next_run_at: datetime | None
    paused_at: datetime | None
    last_job: Job | None


def list_schedules() -> list[ScheduleRow]:
    """Return a row for each schedule, with its last job. This takes two statements."""
    rows = {schedule.name: schedule for schedule in db.session.scalars(select(Schedule))}
    ids = [row.last_job_id for row in rows.values() if row.last_job_id]
    jobs: dict[UUID | None, Job] = (
        {job.id: job for job in db.session.scalars(select(Job).where(Job.id.in_(ids)))} if ids else {}
    )
    return [
        ScheduleRow(
            name=name,
            label=kind.label,
            every=kind.every,
            next_run_at=rows[name].next_run_at if name in rows else None,
            paused_at=rows[name].paused_at if name in rows else None,
            last_job=jobs.get(rows[name].last_job_id) if name in rows else None,
        )
        for name, kind in job_kinds().scheduled.items()
    ]


def get_schedule(name: str) -> ScheduleRow:
    """Raise NotFound if the code has no schedule of this name."""
    found = next((row for row in list_schedules() if row.name == name), None)
    if found is None:
        raise _schedule_not_found()
    return found


def _lock_schedule(name: str) -> Schedule:
    if name not in job_kinds().scheduled:
        raise _schedule_not_found()
    if db.session.get(Schedule, name) is None:
        _add_schedule(name)
    return db.session.get_one(Schedule, name, with_for_update=True, populate_existing=True)


def _schedule_not_found() -> NotFound:
    return NotFound(_("This schedule does not exist"))
