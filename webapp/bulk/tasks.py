"""Jobs of bulk changes: for more people than a request should change, and what is old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select

from webapp.bulk.exports import export_part
from webapp.bulk.models import WORKING, BulkChange, BulkItem, BulkPart, Outcome, State
from webapp.bulk.services import asker_of, close, close_undo, locked_bulk
from webapp.bulk.working import apply_part, plan_part, undo_part
from webapp.core.clock import now
from webapp.core.texts import _, use_language
from webapp.db.session import db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.schedules import SCHEDULER

# Whoever writes meanwhile waits for so many people at most.
CHUNK = 50
DRAFTS_KEPT_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=90)
PURGED = 5000
_UNSEEN = {"synchronize_session": False}


@job_kind("bulk.plan", label=_("Preview a bulk change"))
def plan(run: JobRun) -> None:
    bulk = _at(run, State.PLANNING)
    if bulk is None:
        return
    by = asker_of(bulk)
    if by is None:
        bulk.state = State.DRAFT
        run.finish(people=0)
        return
    with use_language(bulk.locale):
        number = plan_part(bulk, by=by, limit=CHUNK)
    run.advance(None, done=number, total=bulk.total)
    if number < CHUNK:
        bulk.state = State.PLANNED
        run.finish(people=bulk.total)


@job_kind("bulk.apply", label=_("Apply a bulk change"))
def apply(run: JobRun) -> None:
    """A chunk and what it did are committed together: killed in the middle it goes on with those who are left."""
    bulk = _at(run, State.APPLYING)
    if bulk is None:
        return
    by, words = asker_of(bulk), None
    with use_language(bulk.locale):
        if by is None:
            words = str(_("The person who started this change can no longer sign in"))
        elif not bulk.stop_requested_at:
            number = apply_part(bulk, by=by, limit=CHUNK)
            run.advance(None, done=number, total=run.arguments["total"])
            if number == CHUNK:
                return
        close(bulk, by=by or SCHEDULER, words=words)
    run.finish(people=bulk.count(Outcome.DONE))


@job_kind("bulk.undo", label=_("Undo a bulk change"))
def undo(run: JobRun) -> None:
    bulk = _at(run, State.UNDOING)
    if bulk is None:
        return
    by = asker_of(bulk)
    with use_language(bulk.locale):
        if by is not None:
            number = undo_part(bulk, by=by, limit=CHUNK)
            run.advance(None, done=number, total=run.arguments["total"])
            if number == CHUNK:
                return
        close_undo(bulk, by=by or SCHEDULER)
    run.finish(people=bulk.count(Outcome.UNDONE))


@job_kind("bulk.export", label=_("Export people"))
def export(run: JobRun) -> None:
    bulk = _at(run, State.APPLYING)
    if bulk is None:
        return
    by = asker_of(bulk)
    if by is None:
        bulk.state = State.PLANNED
        run.finish(people=0)
        return
    with use_language(bulk.locale):
        export_part(run, bulk, by=by)


@job_kind("bulk.purge", label=_("Remove old bulk changes"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Removes what nobody applied for a week, and the lists of people of what was applied long ago."""
    bulk = db.session.scalars(select(BulkChange).where(_overdue()).order_by(BulkChange.id).limit(1)).first()
    if bulk is None:
        run.finish()
        return
    mine = select(BulkItem.number).where(BulkItem.bulk_id == bulk.id).limit(PURGED)
    numbers = list(db.session.scalars(mine))
    gone = delete(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.number.in_(numbers))
    db.session.execute(gone, execution_options=_UNSEEN)
    if len(numbers) < PURGED:
        db.session.execute(delete(BulkPart).where(BulkPart.bulk_id == bulk.id), execution_options=_UNSEEN)
        if bulk.requested_by_id and bulk.applied_at:
            bulk.emptied_at = now()
        else:
            db.session.delete(bulk)
    run.advance(None, done=len(numbers))


def _at(run: JobRun, state: State) -> BulkChange | None:
    """The bulk change of the job, locked; a job whose work is over, or done by another, has nothing more to do."""
    bulk = locked_bulk(UUID(run.arguments["bulk_id"]))
    if bulk is not None and bulk.state == state:
        return bulk
    run.finish()
    return None


def _overdue() -> Any:
    resting = BulkChange.state.not_in(WORKING)
    moment = now()
    return or_(
        and_(resting, BulkChange.requested_by_id.is_(None)),
        and_(BulkChange.applied_at.is_(None), resting, BulkChange.created_at < moment - DRAFTS_KEPT_FOR),
        and_(BulkChange.emptied_at.is_(None), BulkChange.created_at < moment - KEPT_FOR),
    )
