"""The entry points to an import: preview, apply, undo, stop and discard. `creating` has the upload."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from webapp.audit.actions import Action
from webapp.bulk.requester import save_request_details
from webapp.core.clock import now
from webapp.core.errors import Refused, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import NO_SYNC, db
from webapp.db.transactions import transaction
from webapp.imports.checks import check_own, lock_own
from webapp.imports.finishing import delete_keys, finish_applying
from webapp.imports.models import APPLIED_CHANGES, PLANNED_CHANGES, Import, ImportRow, Outcome, State, Step
from webapp.imports.options import Options
from webapp.imports.running import continue_import, has_live_job, start_job
from webapp.jobs.models import Job
from webapp.jobs.models import State as JobState
from webapp.jobs.services import cancel_job, lock_idle_job, request_stop


def preview_import(import_id: UUID, options: Options, *, by: Actor) -> Import:
    """Replace the plan by one with these options, within this request if the file is small, else by a job.

    Raise Stale if the import was applied already, Invalid if the options do not fit the file.
    """
    return continue_import(begin_preview(import_id, options, by=by), by=by)


@transaction()
def begin_preview(import_id: UUID, options: Options, *, by: Actor) -> Import:
    """Begin what `preview_import` does, in one short transaction. `continue_import` or a job does the rest."""
    imported = lock_own(import_id, by)
    failed = imported.state == State.PLANNING and not has_live_job(imported)
    if imported.state not in {State.UPLOADED, State.PLANNED} and not failed:
        raise Stale(_("The preview is being created or the import was already applied"))
    if imported.file_deleted_at:
        raise Stale(_("The file was deleted. Choose it again."))
    options.apply_to(imported, by=by)
    start_preview(imported)
    save_request_details(imported, by, action=Action.USER_CREATED)
    start_job("imports.plan", imported, by=by, total=None)
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
    db.session.execute(rows, execution_options=NO_SYNC)


def apply_import(import_id: UUID, *, plan_hash: str, by: Actor) -> Import:
    """Apply the plan, at once or by a job. A row that cannot be applied is left out and says why.

    Raise Stale if `plan_hash` is not the hash of the latest plan, Refused if there is nothing to do or too many people
    would be deactivated.
    """
    return continue_import(begin_applying(import_id, plan_hash=plan_hash, by=by), by=by)


@transaction()
def begin_applying(import_id: UUID, *, plan_hash: str, by: Actor) -> Import:
    """Begin what `apply_import` does, in one short transaction. `continue_import` or a job does the rest."""
    imported = lock_own(import_id, by)
    if imported.state != State.PLANNED:
        raise Stale(_("This import was already applied or is being applied"))
    if imported.plan_hash != plan_hash:
        raise Stale(_("The preview was updated after you opened it. Nothing was changed. Check the new preview."))
    check_can_apply(imported)
    keep_request(imported, by)
    imported.state = State.APPLYING
    start_job("imports.apply", imported, by=by, total=imported.count(*PLANNED_CHANGES))
    return imported


def keep_request(imported: Import, by: Actor) -> None:
    """Keep the request for the records of the job. Raise Invalid if one of them requires a reason and there is none."""
    for action in recorded_actions(imported):
        save_request_details(imported, by, action=action)


def recorded_actions(imported: Import) -> list[Action]:
    """Return the actions that applying the plan can record, or undoing it if it is applied."""
    return [action for outcome, actions in _RECORDED.items() if imported.count(outcome) for action in actions]


# The counts do not tell whether rows also grant roles or change a status. Few new people are deactivated: without a
# reason, their rows are refused.
_RECORDED = {
    Outcome.CREATE: (Action.USER_CREATED, Action.ROLE_GRANTED),
    Outcome.UPDATE: (Action.USER_UPDATED, Action.ROLE_GRANTED, Action.USER_DEACTIVATED, Action.USER_REACTIVATED),
    Outcome.DEACTIVATE: (Action.USER_DEACTIVATED,),
    Outcome.CREATED: (Action.USER_DELETED,),
    Outcome.UPDATED: (Action.USER_UPDATED, Action.USER_DEACTIVATED, Action.USER_REACTIVATED),
    Outcome.DEACTIVATED: (Action.USER_REACTIVATED,),
}


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


@transaction()
def begin_undo(import_id: UUID, *, by: Actor) -> Import:
    """Begin what `undo_import` does, in one short transaction. `continue_import` or a job does the rest."""
    imported = lock_own(import_id, by)
    start_job("imports.undo", imported, by=by, total=start_undo(imported, by=by))
    return imported


def start_undo(imported: Import, *, by: Actor) -> int:
    """Set the state of a locked import. Return the number of rows that can be undone. Raise Stale, Refused."""
    if imported.state != State.APPLIED:
        raise Stale(_("This import was already undone or is not applied yet"))
    number = imported.count(*APPLIED_CHANGES)
    if not number or imported.emptied_at:
        raise Refused(_("There is nothing to undo"), code="nothing")
    keep_request(imported, by)
    imported.state, imported.undo_id = State.UNDOING, new_id()
    stop_invitations(imported, by=by)
    return number


@transaction()
def stop_import(import_id: UUID, *, by: Actor) -> Import:
    """Stop applying. What was done stays and can be undone. Raise Stale. This does not wait for the current chunk."""
    seen = check_own(db.session.get(Import, import_id, populate_existing=True), by)
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
