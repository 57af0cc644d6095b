"""Timetables: rows of a feature whose job runs at a time of day, every day or once a week.

`schedules` are in the code; timetables are made by people. Each round of the scheduler calls the `DueWork` that
packages registered, so both have one clock, and the next time is in the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import String, Table, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.clock import now
from webapp.core.context import current_registry
from webapp.core.errors import Invalid, WrongState
from webapp.core.moments import from_local_time
from webapp.core.texts import TIMEZONE_MAX, _, find_timezone
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import Instant
from webapp.jobs.models import LIVE, Job, State

TIME_MAX = 5
OUTCOME_MAX = 16
MESSAGE_MAX = 1000
DAYS_IN_WEEK = 7
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)

Row = TypeVar("Row", bound="Scheduled")
Run = TypeVar("Run", bound="ScheduledRun")
log = structlog.get_logger("rollcall.jobs")


class Timetable:
    """The columns of a row that runs at `time_of_day` (HH:MM) in `timezone`.

    `weekday`: 0 is Monday; None: every day. `next_run_at` is None while it is paused or deleted.
    """

    time_of_day: Mapped[str] = mapped_column(String(TIME_MAX))
    timezone: Mapped[str] = mapped_column(String(TIMEZONE_MAX))
    weekday: Mapped[int | None]
    next_run_at: Mapped[datetime | None] = mapped_column(Instant)

    def run_after(self, moment: datetime) -> datetime:
        """Return the first time of this timetable after `moment`."""
        return next_time(self.time_of_day, self.timezone, self.weekday, after=moment)


class Scheduled(Timetable):
    """A timetable that people pause and delete, and how its last run ended.

    `pause_reason`: why Rollcall paused it; empty if a person did.
    """

    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    pause_reason: Mapped[str] = mapped_column(String(MESSAGE_MAX), default="")
    last_outcome: Mapped[str | None] = mapped_column(String(OUTCOME_MAX))
    last_run_at: Mapped[datetime | None] = mapped_column(Instant)
    last_message: Mapped[str] = mapped_column(String(MESSAGE_MAX), default="")
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class ScheduledRun:
    """One run of a `Scheduled` row, by a job. It is open until `ended_at`. A unique index allows one open run."""

    job_id: Mapped[UUID | None]
    started_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(OUTCOME_MAX))
    message: Mapped[str] = mapped_column(String(MESSAGE_MAX), default="")

    def end(self, row: Scheduled, outcome: str, message: str = "") -> None:
        """Keep how the run ended in both rows."""
        self.ended_at, self.outcome, self.message = now(), outcome, message[:MESSAGE_MAX]
        row.last_outcome, row.last_run_at, row.last_message = outcome, self.ended_at, self.message


class DueWork(list[Callable[[], object]]):
    """Functions that start what is due. Each has its own transactions."""


def start_due_work() -> None:
    """Call each registered function. One that fails does not stop the others."""
    for start in current_registry().get(DueWork):
        try:
            start()
        except Exception as error:  # noqa: BLE001  the others must run, whatever happens to this one
            db.session.rollback()
            log.warning("due_work.failed", work=start.__qualname__, error=type(error).__name__)


def start_due(model: type[Row], start: Callable[[Row], object]) -> None:
    """Lock each row that is due, set its next time, and call `start`, which may raise WrongState.

    Several missed times become one run. Of several schedulers, the one that locks the row starts the run.
    """
    columns = table_of(model).c
    due = select(columns.id).where(columns.next_run_at <= now()).order_by(columns.next_run_at)
    for row_id in db.session.scalars(due).all():
        with transaction():
            row = db.session.get(model, row_id, with_for_update={"skip_locked": True}, populate_existing=True)
            if row is None or row.next_run_at is None or row.next_run_at > now():
                continue
            row.next_run_at = row.run_after(now())
            with suppress(WrongState), transaction():
                start(row)


def end_dead_runs(model: type[Run], end: Callable[[Run, Job | None], object]) -> None:
    """Call `end` with each locked run whose job failed, was cancelled or is gone, so that the next one can start."""
    columns = table_of(model).c
    is_dead = or_(Job.id.is_(None), Job.state.not_in(LIVE))
    query = select(columns.id).outerjoin(Job, Job.id == columns.job_id).where(columns.ended_at.is_(None), is_dead)
    for run_id in db.session.scalars(query).all():
        with transaction():
            run = db.session.get(model, run_id, with_for_update={"skip_locked": True}, populate_existing=True)
            job = db.session.get(Job, run.job_id, populate_existing=True) if run and run.job_id else None
            if run is not None and run.ended_at is None and not (job and job.live):
                end(run, job)


def dead_reason(job: Job | None) -> str:
    """Return why a run ended, in the current language."""
    cancelled = job is not None and job.state == State.CANCELLED
    return str(_("The job was cancelled") if cancelled else _("The job failed. An administrator can see why."))


def table_of(model: type[Any]) -> Table:
    return cast("Table", model.__table__)


def next_time(time_of_day: str, timezone: str, weekday: int | None, *, after: datetime) -> datetime:
    """Return the first matching time after `after`, in UTC. A time that clocks skip is an hour later that day."""
    zone = ZoneInfo(timezone)
    day = after.astimezone(zone).date()
    while True:
        moment = _moment(day, time_of_day, zone)
        if moment > after and weekday in (None, day.weekday()):
            return moment
        day += timedelta(days=1)


def _moment(day: date, time_of_day: str, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, datetime.strptime(time_of_day, "%H:%M").time())
    return from_local_time(local, zone) or local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))


def checked_time(text: str) -> str:
    """Return the time as HH:MM. Raise Invalid."""
    if not _TIME.fullmatch(text):
        raise Invalid(_("Enter a time like 02:30"), field="time_of_day", code="not_a_time")
    return text


def checked_zone(text: str) -> str:
    """Return the IANA name of the time zone. Raise Invalid."""
    zone = find_timezone(text) if len(text) <= TIMEZONE_MAX else None
    if zone is None:
        raise Invalid(_("Choose a time zone, for example Europe/Berlin"), field="timezone", code="unknown")
    return zone


def checked_weekday(day: int | None) -> int | None:
    if day is not None and not 0 <= day < DAYS_IN_WEEK:
        raise Invalid(_("Choose one of the options"), field="weekday", code="unknown")
    return day
