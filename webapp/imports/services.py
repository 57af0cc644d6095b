"""The only entry point to imports: upload, preview, apply, undo, stop and discard."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update

from webapp.access.checks import powers_of_actor
from webapp.audit.models import Action
from webapp.bulk.requester import save_request_details, save_token
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Refused, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.imports.applying import apply_step
from webapp.imports.finishing import delete_keys, finish_applying, finish_undo
from webapp.imports.models import APPLIED_CHANGES, PLANNED_CHANGES, Import, ImportRow, Outcome, State, Step
from webapp.imports.options import Options
from webapp.imports.preview import preview_step
from webapp.imports.queries import import_not_found, lock_import
from webapp.imports.sources import RowSource, open_sources
from webapp.imports.undoing import undo_step
from webapp.jobs.models import Job
from webapp.jobs.models import State as JobState
from webapp.jobs.services import cancel_job, enqueue, lock_idle_job, request_stop, withdraw_stop

# A request previews a file of at most this size, and applies at most this number of rows. A job does more.
REQUEST_BYTES_MAX = 64 * 1024
REQUEST_ROWS_MAX = 200
# After this time, a job takes over an import whose request was interrupted.
REQUEST_TIME = timedelta(minutes=1)
REQUEST_SECONDS = 3


def preview_import(import_id: UUID, options: Options, *, by: Actor) -> Import:
    """Replace the plan by one with these options, within this request if the file is small, else by a job.

    Raise Stale if the import was applied already, Invalid if the options do not fit the file.
    """
    return continue_import(begin_preview(import_id, options, by=by), by=by)


def begin_preview(import_id: UUID, options: Options, *, by: Actor) -> Import:
    """Begin what `preview_import` does, in one short transaction. `continue_import`, or else a job, does the rest."""
    with transaction():
        imported = lock_own(import_id, by)
        failed = imported.state == State.PLANNING and not has_live_job(imported)
        if imported.state not in {State.UPLOADED, State.PLANNED} and not failed:
            raise Stale(_("The preview is being created or the import was already applied"))
        if imported.file_deleted_at:
            raise Stale(_("The file was deleted. Choose it again."))
        options.apply_to(imported, by=by)
        start_preview(imported)
        save_request_details(imported, by, action=Action.USER_CREATED)
        _start("imports.plan", imported, by=by, total=None)
    return imported


def start_preview(imported: Import) -> None:
    """Forget the plan of a locked import."""
    delete_rows(imported.id)
    delete_keys(imported.id)
    imported.state, imported.step, imported.plan_hash, imported.counts = State.PLANNING, Step.ROWS, "", {}
    imported.total = imported.planned_upto = imported.managers_upto = imported.missing = imported.in_scope = 0
    imported.missing_upto = None


def delete_rows(import_id: UUID) -> None:
    rows = delete(ImportRow).where(ImportRow.import_id == import_id)
    db.session.execute(rows, execution_options={"synchronize_session": False})


def apply_import(import_id: UUID, *, plan_hash: str, by: Actor) -> Import:
    """Apply the plan, at once or by a job. A row that cannot be applied is left out and says why.

    Raise Stale if `plan_hash` is not the hash of the latest plan, Refused if there is nothing to do or too many people
    would be deactivated.
    """
    return continue_import(begin_applying(import_id, plan_hash=plan_hash, by=by), by=by)


def begin_applying(import_id: UUID, *, plan_hash: str, by: Actor) -> Import:
    """Begin what `apply_import` does, in one short transaction. `continue_import`, or else a job, does the rest."""
    with transaction():
        imported = lock_own(import_id, by)
        if imported.state != State.PLANNED:
            raise Stale(_("This import was already applied or is being applied"))
        if imported.plan_hash != plan_hash:
            raise Stale(_("The preview was updated after you opened it. Nothing was changed. Check the new preview."))
        check_can_apply(imported)
        for action in recorded_actions(imported):
            save_request_details(imported, by, action=action)
        imported.state = State.APPLYING
        _start("imports.apply", imported, by=by, total=imported.count(*PLANNED_CHANGES))
    return imported


def recorded_actions(imported: Import) -> list[Action]:
    """Return the actions that applying the plan can record, of which one may require a reason."""
    actions = [Action.USER_CREATED]
    actions += [Action.USER_UPDATED, Action.ROLE_GRANTED] if imported.count(Outcome.UPDATE) else []
    return actions + ([Action.USER_DEACTIVATED] if imported.count(Outcome.DEACTIVATE) else [])


def check_can_apply(imported: Import) -> None:
    if imported.is_over_threshold:
        values = {"missing": imported.missing, "scope": imported.in_scope, "percent": imported.threshold}
        text = _("The file lacks %(missing)s of %(scope)s people, more than %(percent)s percent", **values)
        raise Refused(text, code="threshold")
    if not imported.count(*PLANNED_CHANGES):
        raise Refused(_("There is nothing to change"), code="nothing")


def undo_import(import_id: UUID, *, by: Actor) -> Import:
    """Move new users to the bin and undo all changes. People who were changed since keep theirs. Raise Stale."""
    return continue_import(begin_undo(import_id, by=by), by=by)


def begin_undo(import_id: UUID, *, by: Actor) -> Import:
    """Begin what `undo_import` does, in one short transaction. `continue_import`, or else a job, does the rest."""
    with transaction():
        imported = lock_own(import_id, by)
        _start("imports.undo", imported, by=by, total=start_undo(imported, by=by))
    return imported


def start_undo(imported: Import, *, by: Actor) -> int:
    """Set the state of a locked import. Return the number of rows that can be undone. Raise Stale, Refused."""
    if imported.state != State.APPLIED:
        raise Stale(_("This import was already undone or is not applied yet"))
    number = imported.count(*APPLIED_CHANGES)
    if not number or imported.emptied_at:
        raise Refused(_("There is nothing to undo"), code="nothing")
    save_request_details(imported, by, action=Action.USER_DELETED)
    imported.state, imported.undo_id = State.UNDOING, new_id()
    stop_invitations(imported, by=by)
    return number


@transaction()
def stop_import(import_id: UUID, *, by: Actor) -> Import:
    """Stop applying. What was done stays and can be undone. Raise Stale. This does not wait for the current chunk."""
    seen = own(db.session.get(Import, import_id, populate_existing=True), by)
    # A chunk locks the row of its job first, then the import. The same order here prevents a deadlock.
    job = lock_idle_job(seen.job_id) if seen.job_id else None
    if job is None and has_live_job(seen):
        _check_is_applied(seen)
        request_stop(import_id)
        return seen
    if job is not None and job.state == JobState.WAITING:
        cancel_job(job.id, by=by)
    imported = lock_own(import_id, by)
    _check_is_applied(imported)
    if job is not None and job.live:
        imported.stop_requested_at = now()
    else:
        finish_applying(imported, by=by)
    return imported


@transaction()
def stop_mail_out(import_id: UUID, *, by: Actor) -> Import:
    """Send no more invitations. Those in the outbox are sent. Idempotent."""
    imported = lock_own(import_id, by)
    stop_invitations(imported, by=by)
    return imported


@transaction()
def discard_import(import_id: UUID, *, by: Actor) -> None:
    """Delete an import that is not applied, with its file. Raise Stale."""
    imported = lock_own(import_id, by)
    if imported.state not in {State.UPLOADED, State.PLANNING, State.PLANNED}:
        raise Stale(_("This import was already applied or is being applied"))
    if imported.job_id:
        cancel_job(imported.job_id, by=by)
    delete_import(imported)


def delete_import(imported: Import) -> None:
    delete_rows(imported.id)
    delete_keys(imported.id)
    db.session.delete(imported)


def stop_invitations(imported: Import, *, by: Actor) -> None:
    if imported.invitations_job_id and db.session.get(Job, imported.invitations_job_id):
        cancel_job(imported.invitations_job_id, by=by)


def _check_is_applied(imported: Import) -> None:
    if imported.state != State.APPLYING:
        raise Stale(_("This import is no longer being applied"))


def check_may_import(by: Actor) -> None:
    if not powers_of_actor(by).can(Permission.IMPORTS_RUN):
        raise may_not_import()


def may_not_import() -> Forbidden:
    return Forbidden(_("You do not have permission to do this. An owner can do this."))


def lock_own(import_id: UUID, by: Actor) -> Import:
    """Lock an import that `by` started and may continue. Raise NotFound or Forbidden."""
    return own(lock_import(import_id), by)


def own(imported: Import | None, by: Actor) -> Import:
    if imported is None:
        raise import_not_found()
    if imported.requested_by_id != by.id:
        raise Forbidden(_("Only the person who started this import can continue it"))
    check_may_import(by)
    return imported


def has_live_job(imported: Import) -> bool:
    job = db.session.get(Job, imported.job_id, populate_existing=True) if imported.job_id else None
    return job is not None and job.live


def _start(kind: str, imported: Import, *, by: Actor, total: int | None) -> None:
    """Enqueue the job that continues. For a small import, it runs only if the request is interrupted."""
    save_token(imported, by)
    run_after = now() + REQUEST_TIME if _is_small(imported) else None
    imported.job_id = enqueue(kind, by=by, run_after=run_after, import_id=imported.id.hex, total=total).id
    imported.stop_requested_at = None
    withdraw_stop(imported.id)


def _is_small(imported: Import) -> bool:
    """Whether a request does the work of the state that the import has now."""
    if imported.state == State.PLANNING:
        return imported.size <= REQUEST_BYTES_MAX
    return imported.count(*PLANNED_CHANGES, *APPLIED_CHANGES) <= REQUEST_ROWS_MAX


def continue_import(imported: Import, *, by: Actor) -> Import:
    """Work on a small import in this request, one transaction for each chunk. A slow one is left to the job.

    Do not call this inside a transaction: on SQLite, all others would wait for it.
    """
    state, step = imported.state, STEPS[State(imported.state)]
    started, has_more = time.monotonic(), _is_small(imported)
    while has_more:
        with transaction():
            imported = lock_own(imported.id, by)
            if imported.state != state:
                return imported
            has_more = step(imported, by)
            is_late = time.monotonic() - started > REQUEST_SECONDS
            if not has_more:
                db.session.execute(delete(Job).where(Job.id == imported.job_id, Job.state == JobState.WAITING))
                imported.job_id = None
            elif is_late:
                db.session.execute(update(Job).where(Job.id == imported.job_id).values(run_after=now()))
        has_more = has_more and not is_late
    return imported


def preview_chunk(imported: Import, by: Actor, source: Callable[[], RowSource] | None = None) -> bool:
    """Plan one chunk of a locked import. `source`: by default the uploaded file. Return whether there is another."""
    if source is not None or imported.step != Step.ROWS:
        return preview_step(imported, source or _no_source, by=by)
    opened = open_sources().take_out(imported)
    has_more = preview_step(imported, lambda: opened, by=by)
    if has_more:
        open_sources().put_back(imported, opened)
    return has_more


def _no_source() -> RowSource:
    raise RuntimeError("This step reads no rows.")


def apply_chunk(imported: Import, by: Actor) -> bool:
    if not imported.is_stopping and apply_step(imported, by=by) is not None:
        return True
    finish_applying(imported, by=by)
    return False


def undo_chunk(imported: Import, by: Actor) -> bool:
    if undo_step(imported, by=by) is not None:
        return True
    finish_undo(imported, by=by)
    return False


STEPS: dict[State, Callable[[Import, Actor], bool]] = {
    State.PLANNING: preview_chunk,
    State.APPLYING: apply_chunk,
    State.UNDOING: undo_chunk,
}
