"""Starts what is due, ends runs whose job died, and forgets erased owners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import update

from webapp.bulk.requester import requester_of
from webapp.core.texts import use_language
from webapp.db.session import NO_SYNC, db
from webapp.jobs.models import Job
from webapp.jobs.schedules import SCHEDULER
from webapp.jobs.timetables import dead_reason, end_dead_runs, start_due
from webapp.recurring.kinds import Kind, Row, Run
from webapp.recurring.services import start_run


def start_due_rows(kind: Kind[Row, Run], fail: Callable[[Run, Row, str], object]) -> None:
    """Start the rows that are due. Call `fail` with a run whose job died, its locked row, and the reason."""

    def end(run: Run, job: Job | None) -> None:
        row = db.session.get_one(kind.row, run.row_id, with_for_update=True)
        with use_language(row.locale):
            fail(run, row, dead_reason(job))

    end_dead_runs(kind.run, end)
    start_due(kind.row, lambda row: start_run(kind, row, by=requester_of(row) or SCHEDULER))


def forget_owner(kind: Kind[Any, Any], person_id: UUID) -> None:
    """Erase a person from what they own. The next run pauses it and says that it needs an owner."""
    owned = update(kind.row).where(kind.row.requested_by_id == person_id)
    erased = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "token_id": None}
    db.session.execute(owned.values(erased), execution_options=NO_SYNC)
