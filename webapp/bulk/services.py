"""The only entry point to bulk changes: create, preview, apply, undo, stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from webapp.bulk.actions import ACTIONS, EXPORT, get_action
from webapp.bulk.chunks import apply_chunk, first_plan_hash, preview_chunk, undo_chunk
from webapp.bulk.finishing import finish_applying, finish_undo
from webapp.bulk.jobs import continue_in_job, delete_unused_job, has_live_job
from webapp.bulk.models import REQUEST_PEOPLE_MAX, BulkChange, Outcome, State
from webapp.bulk.requester import get_own_change, lock_own_change, save_request_details
from webapp.bulk.snapshots import store_snapshot
from webapp.core.clock import now
from webapp.core.errors import Invalid, Refused, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import State as JobState
from webapp.jobs.services import cancel_job, lock_idle_job, request_stop
from webapp.users.models import User

# After this time, a job takes over a bulk change whose request was interrupted.
REQUEST_TIME = timedelta(minutes=1)


def create_bulk_change(
    action_name: str,
    *,
    people: Select[User],
    by: Actor,
    selected: int = 0,
    view: str | None = None,
    list_view: str | None = None,
    locale: str = "en",
) -> BulkChange:
    """Create a bulk change of the people that `people` finds now. Preview it if the action needs no argument.

    `selected` is how many people were selected one by one. `view` holds the parameters of the list if all matches were
    selected. `list_view` holds them in any case, for the way back. Raise Invalid if `people` finds no one.
    """
    action = get_action(action_name)
    bulk = BulkChange(
        id=new_id(), requested_by_id=by.id, action=action.name, view=view, list_view=list_view, locale=locale
    )
    with transaction():
        _add_with_people(bulk, people, selected=selected)
        if action.name == EXPORT:
            bulk.state = State.PLANNED
        elif not action.needs_argument:
            _start_preview(bulk, {}, by=by)
    return _continue(bulk, by=by)


def _add_with_people(bulk: BulkChange, people: Select[User], *, selected: int) -> None:
    bulk.total = store_snapshot(bulk.id, people)
    if not bulk.total:
        raise Invalid(_("No one is selected. Select people in the list first."), field="ids", code="nobody")
    bulk.missing = max(selected - bulk.total, 0)
    db.session.add(bulk)


def preview_bulk_change(bulk_id: UUID, *, argument: Mapping[str, Any], by: Actor) -> BulkChange:
    """Replace the preview by one with this argument. Raise Stale if the change is being previewed or applied."""
    with transaction():
        bulk = lock_own_change(bulk_id, by)
        preview_failed = bulk.state == State.PLANNING and not has_live_job(bulk)
        if bulk.state not in {State.DRAFT, State.PLANNED} and not preview_failed:
            raise Stale(_("The preview is being created or the change was already applied"))
        _start_preview(bulk, argument, by=by)
    return _continue(bulk, by=by)


def _start_preview(bulk: BulkChange, argument: Mapping[str, Any], *, by: Actor) -> None:
    bulk.argument, bulk.planned_upto, bulk.counts = dict(argument), 0, {}
    bulk.plan_hash = first_plan_hash(bulk)
    bulk.state = State.PLANNING
    _start("bulk.plan", bulk, by=by, total=bulk.total, people=bulk.total)


def apply_bulk_change(bulk_id: UUID, *, plan_hash: str, by: Actor) -> BulkChange:
    """Apply the preview, at once or by a job. A person who cannot be changed is left unchanged.

    Raise Stale if `plan_hash` is not the hash of the latest preview or the change was applied already.
    """
    with transaction():
        bulk = lock_own_change(bulk_id, by)
        if bulk.state != State.PLANNED:
            raise Stale(_("This change was already applied or is being applied"))
        if bulk.plan_hash != plan_hash:
            raise Stale(_("The preview was updated after you opened it. Nothing was changed. Check the new preview."))
        if not bulk.count(Outcome.CHANGE):
            raise Refused(_("There is nothing to change"), code="nothing")
        save_request_details(bulk, by, action=ACTIONS[bulk.action].recorded_as)
        bulk.state = State.APPLYING
        _start("bulk.apply", bulk, by=by, total=bulk.count(Outcome.CHANGE), people=bulk.total)
    return _continue(bulk, by=by)


def undo_bulk_change(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Undo the change of each person. Skip people who were changed since. Raise Stale if it was undone already."""
    with transaction():
        bulk = lock_own_change(bulk_id, by)
        if bulk.state != State.APPLIED:
            raise Stale(_("This change was already undone or is not applied yet"))
        if not bulk.count(Outcome.DONE) or bulk.emptied_at:
            raise Refused(_("There is nothing to undo"), code="nothing")
        save_request_details(bulk, by, action=ACTIONS[bulk.action].undo_recorded_as)
        bulk.state, bulk.undo_id = State.UNDOING, new_id()
        number = bulk.count(Outcome.DONE)
        _start("bulk.undo", bulk, by=by, total=number, people=number)
    return _continue(bulk, by=by)


@transaction()
def stop_bulk_change(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Stop applying. Changes made so far stay and can be undone. Raise Stale if it is not being applied.

    This does not wait for the current chunk.
    """
    seen = get_own_change(bulk_id, by)
    # A chunk locks the row of its job first, then the bulk change. The same order here prevents a deadlock.
    job = lock_idle_job(seen.job_id) if seen.job_id else None
    if job is None and has_live_job(seen):
        _check_is_applied(seen)
        request_stop(bulk_id)
        return seen
    if job is not None and job.state == JobState.WAITING:
        cancel_job(job.id, by=by)
    bulk = lock_own_change(bulk_id, by)
    _check_is_applied(bulk)
    if job is not None and job.live:
        bulk.stop_requested_at = now()
    else:
        finish_applying(bulk, by=by)
    return bulk


def _check_is_applied(bulk: BulkChange) -> None:
    if bulk.state != State.APPLYING:
        raise Stale(_("This change is no longer being applied"))


def _start(kind: str, bulk: BulkChange, *, by: Actor, total: int, people: int) -> None:
    """Enqueue the job that continues. For few people, it runs only if the request is interrupted."""
    run_after = now() + REQUEST_TIME if people <= REQUEST_PEOPLE_MAX else None
    continue_in_job(kind, bulk, by=by, total=total, run_after=run_after)


def _continue(bulk: BulkChange, *, by: Actor) -> BulkChange:
    """Handle few people in this request, in a transaction for each chunk, so that others wait for its locks briefly."""
    state = State(bulk.state)
    step = _STEPS.get(state)
    number = bulk.count(Outcome.DONE) if bulk.state == State.UNDOING else bulk.total
    if step is None or number > REQUEST_PEOPLE_MAX:
        return bulk
    has_more = True
    while has_more:
        with transaction():
            bulk = lock_own_change(bulk.id, by)
            if bulk.state != state:
                # Someone stopped it, or the request was so slow that the job took over.
                return bulk
            has_more = step(bulk, by)
            if not has_more:
                delete_unused_job(bulk)
    return bulk


def _preview_step(bulk: BulkChange, by: Actor) -> bool:
    if preview_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX).has_more:
        return True
    bulk.state = State.PLANNED
    return False


def _apply_step(bulk: BulkChange, by: Actor) -> bool:
    if not bulk.is_stopping and apply_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX).has_more:
        return True
    finish_applying(bulk, by=by)
    return False


def _undo_step(bulk: BulkChange, by: Actor) -> bool:
    if undo_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX).has_more:
        return True
    finish_undo(bulk, by=by)
    return False


_STEPS: dict[State, Callable[[BulkChange, Actor], bool]] = {
    State.PLANNING: _preview_step,
    State.APPLYING: _apply_step,
    State.UNDOING: _undo_step,
}
