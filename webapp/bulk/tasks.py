"""Jobs of bulk changes: one for each step that has too many people for a request, and one that removes old data."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from webapp.bulk.chunks import apply_chunk, preview_chunk, undo_chunk
from webapp.bulk.exports import check_export_file, export_chunk
from webapp.bulk.finishing import finish_applying, finish_undo
from webapp.bulk.models import RUNNING_STATES, BulkChange, BulkItem, Outcome, State
from webapp.bulk.queries import lock_change
from webapp.bulk.requester import lost_requester, requester_of
from webapp.core.clock import now
from webapp.core.texts import _, use_language
from webapp.db.session import NO_SYNC, db
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.models import LIVE, Job
from webapp.jobs.schedules import SCHEDULER

# A chunk is one transaction. On SQLite all other writers wait for it.
CHUNK = 50
PURGE_CHUNK = 5000
DRAFTS_KEPT_FOR = timedelta(days=7)
ITEMS_KEPT_FOR = timedelta(days=90)


@job_kind("bulk.plan", label=_("Preview a bulk change"))
def plan(run: JobRun) -> None:
    bulk = _lock_change_in(State.PLANNING, run)
    if bulk is None:
        return
    by = requester_of(bulk)
    if by is None:
        bulk.state = State.DRAFT
        run.finish(people=0)
        return
    with use_language(bulk.locale):
        chunk = preview_chunk(bulk, by=by, limit=CHUNK)
    run.advance(None, done=chunk.number, total=bulk.total)
    if not chunk.has_more:
        bulk.state = State.PLANNED
        run.finish(people=bulk.total)


@job_kind("bulk.apply", label=_("Apply a bulk change"))
def apply(run: JobRun) -> None:
    """A chunk and the outcomes of its people are committed together, so a killed job continues after the last chunk."""
    bulk = _lock_change_in(State.APPLYING, run)
    if bulk is None:
        return
    by, message = requester_of(bulk), None
    with use_language(bulk.locale):
        if by is None:
            message = lost_requester(bulk)
        elif not bulk.is_stopping:
            chunk = apply_chunk(bulk, by=by, limit=CHUNK)
            run.advance(None, done=chunk.number, total=run.arguments["total"])
            if chunk.has_more:
                return
        finish_applying(bulk, by=by or SCHEDULER, message=message)
    run.finish(people=bulk.count(Outcome.DONE))


@job_kind("bulk.undo", label=_("Undo a bulk change"))
def undo(run: JobRun) -> None:
    bulk = _lock_change_in(State.UNDOING, run)
    if bulk is None:
        return
    by = requester_of(bulk)
    with use_language(bulk.locale):
        if by is not None:
            chunk = undo_chunk(bulk, by=by, limit=CHUNK)
            run.advance(None, done=chunk.number, total=run.arguments["total"])
            if chunk.has_more:
                return
        finish_undo(bulk, by=by or SCHEDULER)
    run.finish(people=bulk.count(Outcome.UNDONE))


@job_kind("bulk.export", label=_("Export people"), check_file=check_export_file)
def export(run: JobRun) -> None:
    bulk = _lock_change_in(State.APPLYING, run)
    if bulk is None:
        return
    by = requester_of(bulk)
    if by is None:
        bulk.state = State.PLANNED
        run.finish(people=0)
        return
    with use_language(bulk.locale):
        export_chunk(run, bulk, by=by)


@job_kind("bulk.purge", label=_("Remove old bulk changes"), interval=timedelta(days=1), every=_("Every day"))
def purge(run: JobRun) -> None:
    """Remove bulk changes that were not applied within a week, and the people of those applied long ago."""
    bulk = _lock_expired()
    if bulk is None:
        run.finish()
        return
    number = _delete_items(bulk)
    if number < PURGE_CHUNK:
        if bulk.requested_by_id and bulk.applied_at:
            bulk.emptied_at = now()
        else:
            db.session.delete(bulk)
    run.advance(None, done=number)


def _lock_change_in(state: State, run: JobRun) -> BulkChange | None:
    """Lock and return the job's bulk change. Finish the job and return None if the change is not in `state`."""
    bulk = lock_change(UUID(run.arguments["bulk_id"]))
    if bulk is not None and bulk.state == state:
        return bulk
    run.finish()
    return None


def _lock_expired() -> BulkChange | None:
    """Lock the first bulk change to remove. Leave out those that are locked, because someone is working on them."""
    query = select(BulkChange).where(_is_expired()).order_by(BulkChange.id).limit(1).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def _is_expired() -> ColumnElement[bool]:
    is_running = BulkChange.state.in_(RUNNING_STATES)
    # A job that continues a bulk change needs its items. One whose job has failed expires, too.
    is_continued = exists().where(Job.id == BulkChange.job_id, Job.state.in_(LIVE))
    moment = now()
    return or_(
        and_(~is_running, BulkChange.requested_by_id.is_(None)),
        and_(~is_running, BulkChange.applied_at.is_(None), BulkChange.created_at < moment - DRAFTS_KEPT_FOR),
        and_(BulkChange.emptied_at.is_(None), BulkChange.created_at < moment - ITEMS_KEPT_FOR, ~is_continued),
    )


def _delete_items(bulk: BulkChange) -> int:
    """Delete a chunk of items. Return how many were deleted."""
    numbers = list(db.session.scalars(select(BulkItem.number).where(BulkItem.bulk_id == bulk.id).limit(PURGE_CHUNK)))
    deleted = delete(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.number.in_(numbers))
    db.session.execute(deleted, execution_options=NO_SYNC)
    return len(numbers)
