"""Changes of recurring work that are the same for each kind: pause, resume, delete, restore, and starting a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from webapp.access.checks import check_everywhere, powers_of_actor
from webapp.audit.services import Changes, difference, record
from webapp.bulk.requester import requester_of
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, Stale, WrongState
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.jobs.models import Job
from webapp.jobs.services import cancel_job, enqueue
from webapp.jobs.timetables import MESSAGE_MAX
from webapp.recurring.kinds import ACTIVE, PAUSED, Kind, Row, Run
from webapp.recurring.queries import count_rows, not_found, open_run

CHANGED_MEANWHILE = _("Someone else changed this while you were editing")


def check_may_manage(kind: Kind[Any, Any], by: Actor) -> None:
    """Raise Forbidden."""
    if not kind.private:
        check_everywhere(by, kind.permission)
    elif not powers_of_actor(by).can(kind.permission):
        raise Forbidden(_("You do not have permission to do this. An owner can do this."))


def check_may_add(kind: Kind[Any, Any], by: Actor) -> None:
    """Check that `by` may create one more, and let no one else create one until the transaction ends.

    Raise Forbidden, WrongState if there are too many, or Invalid if `by` is no person.
    """
    check_may_manage(kind, by)
    if by.id is None:
        raise Invalid(kind.needs_owner, field="owner", code="missing")
    advisory_lock(kind.plural)
    _check_number(kind, by.id)


def add_row(kind: Kind[Row, Any], row: Row, *, by: Actor) -> None:
    """Store a new row in the caller's transaction. Raise Taken."""
    db.session.add(row)
    flush(kind)
    record_change(kind, "created", row, difference({}, kind.audited(row)), by=by)


def save_changes(kind: Kind[Row, Any], row: Row, changes: Changes, *, by: Actor) -> None:
    """Store the changes of a locked row in the caller's transaction. Raise Taken."""
    row.version += 1
    flush(kind)
    record_change(kind, "updated", row, changes, by=by)


def locked_row(
    kind: Kind[Row, Any], row_id: UUID, *, by: Actor, version: int | None = None, deleted: bool = False
) -> Row:
    """Lock a row that `by` may change. `deleted`: also a deleted one. Raise Forbidden, NotFound or Stale."""
    check_may_manage(kind, by)
    row = db.session.get(kind.row, row_id, with_for_update=True, populate_existing=True)
    if row is None or not may_see(kind, row, by) or (row.deleted_at and not deleted):
        raise not_found(kind)
    if version is not None and version != row.version:
        raise Stale(CHANGED_MEANWHILE)
    return row


@transaction()
def delete_row(kind: Kind[Row, Any], row_id: UUID, *, by: Actor, version: int | None = None) -> None:
    """Run no more. Until it is erased after 30 days, `restore_row` brings it back. Idempotent."""
    row = locked_row(kind, row_id, by=by, version=version, deleted=True)
    if row.deleted_at is None:
        row.deleted_at, row.next_run_at = now(), None
        row.version += 1
        run = open_run(kind, row.id)
        if run and run.job_id and db.session.get(Job, run.job_id):
            cancel_job(run.job_id, by=by)
        record_change(kind, "deleted", row, {"name": (row.name, None)}, by=by)


@transaction()
def restore_row(kind: Kind[Row, Any], row_id: UUID, *, by: Actor) -> Row:
    """Bring a deleted row back, paused. Idempotent. Raise WrongState if there are too many, Taken if its name is."""
    advisory_lock(kind.plural)
    row = locked_row(kind, row_id, by=by, deleted=True)
    if row.deleted_at:
        _check_number(kind, row.requested_by_id)
        row.deleted_at, row.paused_at = None, row.paused_at or now()
        row.version += 1
        flush(kind)
        record_change(kind, "restored", row, {"name": (None, row.name)}, by=by)
    return row


@transaction()
def pause_row(kind: Kind[Row, Any], row_id: UUID, *, by: Actor) -> Row:
    """Start no runs until it is resumed. A run that has begun continues. Idempotent."""
    row = locked_row(kind, row_id, by=by)
    if row.paused_at is None:
        row.version += 1
        _pause(kind, row, by=by)
    return row


def pause_without_owner(kind: Kind[Row, Any], row: Row, reason: str) -> None:
    """Pause a locked row that cannot go on without a person, for a reason that its page shows."""
    if row.paused_at is None:
        _pause(kind, row, by=kind.actor)
    row.pause_reason = reason[:MESSAGE_MAX]


@transaction()
def resume_row(kind: Kind[Row, Any], row_id: UUID, *, by: Actor) -> Row:
    """Start the next run at its time. Times that were missed are skipped. Idempotent."""
    row = locked_row(kind, row_id, by=by)
    if row.paused_at:
        row.paused_at, row.pause_reason, row.next_run_at = None, "", row.run_after(now())
        row.version += 1
        record_change(kind, "resumed", row, {kind.state_field: (PAUSED, ACTIVE)}, by=by)
    return row


@transaction()
def run_row(kind: Kind[Any, Run], row_id: UUID, *, by: Actor) -> Run:
    """Start a run now, in the name of the owner, also of a paused row. Raise WrongState if one is running."""
    row = locked_row(kind, row_id, by=by)
    run = start_run(kind, row, by=by)
    if kind.records_runs:
        record_change(kind, "run", row, {}, by=by)
    return run


def start_run(kind: Kind[Row, Run], row: Row, *, by: Actor) -> Run:
    """Start a run of a locked row in the caller's transaction. Raise WrongState if one is running.

    The job of a private kind belongs to the owner, because only its requester can download its file.
    """
    if open_run(kind, row.id):
        raise WrongState(kind.is_running)
    run = kind.run()
    run.row_id = row.id
    db.session.add(run)
    db.session.flush()
    requester = (requester_of(row) if kind.private else None) or by
    run.job_id = enqueue(kind.run_job, by=requester, run_id=run.id.hex).id
    return run


def flush(kind: Kind[Any, Any]) -> None:
    with kind.refusals():
        db.session.flush()


def record_change(kind: Kind[Row, Any], verb: str, row: Row, changes: Changes, *, by: Actor) -> None:
    record(kind.action(verb), subject=row, by=by, kind=kind.name, changes=changes)


def _pause(kind: Kind[Row, Any], row: Row, *, by: Actor) -> None:
    row.paused_at, row.next_run_at = now(), None
    record_change(kind, "paused", row, {kind.state_field: (ACTIVE, PAUSED)}, by=by)


def may_see(kind: Kind[Row, Any], row: Row, by: Actor) -> bool:
    """Whether `by` may see the row. The command line sees all."""
    return not kind.private or by.id is None or row.requested_by_id == by.id


def _check_number(kind: Kind[Any, Any], owner_id: UUID | None) -> None:
    if kind.private and owner_id is None:
        return
    if count_rows(kind, owner_id=owner_id if kind.private else None) >= kind.limit:
        raise WrongState(kind.too_many)
