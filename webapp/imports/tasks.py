"""Jobs of imports: one for each step of a large file, the mail-out of invitations, and one that removes old data."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from webapp.access.checks import powers_of_actor
from webapp.bulk.requester import lost_requester, requester_of
from webapp.core.clock import now
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _, use_language
from webapp.db.session import NO_SYNC, db
from webapp.imports.applying import apply_step
from webapp.imports.checks import may_not_import
from webapp.imports.finishing import INVITE_JOB, delete_file, finish_applying, finish_undo
from webapp.imports.inviting import INVITED_PER_CHUNK, invite_chunk
from webapp.imports.models import APPLIED_CHANGES, RUNNING_STATES, Import, ImportRow, Outcome, State, Step
from webapp.imports.queries import lock_import
from webapp.imports.running import preview_chunk
from webapp.imports.services import delete_import
from webapp.imports.sources import open_sources
from webapp.imports.undoing import undo_step
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.models import LIVE, Job
from webapp.jobs.schedules import SCHEDULER

PURGED_PER_CHUNK = 5000
FILE_KEPT_FOR = timedelta(hours=24)
DRAFTS_KEPT_FOR = timedelta(days=7)
ROWS_KEPT_FOR = timedelta(days=90)


@job_kind("imports.plan", label=_("Preview an import"))
def plan(run: JobRun) -> None:
    imported = _lock_in(State.PLANNING, run)
    if imported is None:
        return
    by = _requester_of(imported)
    if by is None:
        imported.state = State.UPLOADED
        run.finish(rows=0)
        return
    before = imported.total
    with use_language(imported.locale):
        has_more = preview_chunk(imported, by)
    run.advance(None, done=imported.total - before, total=_expected_rows(imported))
    if not has_more:
        run.finish(rows=imported.total)


def _expected_rows(imported: Import) -> int:
    """Return the number of rows, as an estimate while the file is being read."""
    if imported.step != Step.ROWS or imported.state == State.PLANNED:
        return imported.total
    share = open_sources().read_share(imported)
    return max(imported.total, round(imported.total / share)) if share else imported.total


@job_kind("imports.apply", label=_("Apply an import"))
def apply(run: JobRun) -> None:
    """A chunk and the outcomes of its rows are committed together, so a killed job continues after the last chunk."""
    imported = _lock_in(State.APPLYING, run)
    if imported is None:
        return
    by, message = _requester_of(imported), None
    with use_language(imported.locale):
        if by is None:
            message = _lost_requester(imported)
        elif not imported.is_stopping and (number := apply_step(imported, by=by)) is not None:
            run.advance(None, done=number if imported.step == Step.ROWS else 0, total=run.arguments["total"])
            return
        finish_applying(imported, by=by or SCHEDULER, message=message)
    run.finish(people=imported.count(*APPLIED_CHANGES))


@job_kind("imports.undo", label=_("Undo an import"))
def undo(run: JobRun) -> None:
    imported = _lock_in(State.UNDOING, run)
    if imported is None:
        return
    by = _requester_of(imported)
    with use_language(imported.locale):
        if by is not None and (number := undo_step(imported, by=by)) is not None:
            run.advance(None, done=number, total=run.arguments["total"])
            return
        finish_undo(imported, by=by or SCHEDULER)
    run.finish(people=imported.count(Outcome.UNDONE))


@job_kind(INVITE_JOB, label=_("Invite the people of an import"))
def invite(run: JobRun) -> None:
    """Send invitations in the order of the file. Cancelling the job stops the mail-out."""
    imported = _lock_in(State.APPLIED, run)
    by = _requester_of(imported) if imported else None
    if imported is None or by is None:
        run.finish()
        return
    with use_language(imported.locale):
        last = invite_chunk(imported, after=run.checkpoint or 0, by=by)
    if last is None:
        run.finish(people=run.arguments["total"])
        return
    run.advance(last, done=INVITED_PER_CHUNK, total=run.arguments["total"])


@job_kind("imports.purge", label=_("Remove old imports"), interval=timedelta(hours=1), every=_("Every hour"))
def purge(run: JobRun) -> None:
    """Delete files after a day, imports that were not applied after a week, and rows of applied ones later."""
    if with_old_file := _lock_first(_has_old_file()):
        delete_file(with_old_file)
        _delete_secrets(with_old_file)
        run.advance(None, done=1)
    elif expired := _lock_first(_is_expired()):
        run.advance(None, done=_empty(expired))
    else:
        run.finish()


def _lock_first(condition: ColumnElement[bool]) -> Import | None:
    """Lock the first import that matches. Leave out those that are locked, because someone is working on them."""
    query = select(Import).where(condition).order_by(Import.id).limit(1).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def _has_old_file() -> ColumnElement[bool]:
    return and_(
        Import.state.not_in(RUNNING_STATES),
        Import.file_deleted_at.is_(None),
        Import.created_at < now() - FILE_KEPT_FOR,
    )


def _is_expired() -> ColumnElement[bool]:
    moment = now()
    not_applied = and_(
        Import.state.not_in(RUNNING_STATES), Import.applied_at.is_(None), Import.created_at < moment - DRAFTS_KEPT_FOR
    )
    # A job that continues an import needs its rows. An import whose job has failed expires, too.
    is_continued = exists().where(Job.id == Import.job_id, Job.state.in_(LIVE))
    old = and_(Import.emptied_at.is_(None), Import.created_at < moment - ROWS_KEPT_FOR, ~is_continued)
    return or_(not_applied, old)


def _empty(imported: Import) -> int:
    """Delete the next rows, and an import without rows unless it was applied. Return the number of rows."""
    number = _delete_rows(imported)
    if number < PURGED_PER_CHUNK:
        if imported.requested_by_id and imported.applied_at:
            imported.emptied_at = now()
        else:
            delete_import(imported)
    return number


def _delete_secrets(imported: Import) -> None:
    """Without its file, a plan cannot be applied completely, so it has to be made again."""
    if imported.state == State.PLANNED:
        imported.state, imported.plan_hash = State.UPLOADED, ""
    secret = (ImportRow.import_id == imported.id, ImportRow.secret.is_not(None))
    db.session.execute(update(ImportRow).where(*secret).values(secret=None), execution_options=NO_SYNC)


def _delete_rows(imported: Import) -> int:
    numbers = select(ImportRow.number).where(ImportRow.import_id == imported.id).limit(PURGED_PER_CHUNK)
    found = list(db.session.scalars(numbers))
    rows = delete(ImportRow).where(ImportRow.import_id == imported.id, ImportRow.number.in_(found))
    db.session.execute(rows, execution_options=NO_SYNC)
    return len(found)


def _requester_of(imported: Import) -> Actor | None:
    """Return the person for whom a job works. None if they or their API token may no longer import."""
    by = requester_of(imported)
    return by if by and powers_of_actor(by).can(Permission.IMPORTS_RUN) else None


def _lost_requester(imported: Import) -> str:
    """Say why `_requester_of` is None."""
    return str(may_not_import()) if requester_of(imported) else lost_requester(imported)


def _lock_in(state: State, run: JobRun) -> Import | None:
    """Lock and return the job's import. Finish the job and return None if it is not in `state`."""
    imported = lock_import(UUID(run.arguments["import_id"]))
    if imported is not None and imported.state == state:
        return imported
    run.finish()
    return None
