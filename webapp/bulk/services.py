"""The only entry point to bulk changes: create, preview, apply, undo, stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from webapp.bulk.actions import ACTIONS, EXPORT, get_action
from webapp.bulk.chunks import apply_chunk, first_plan_hash, preview_chunk, undo_chunk
from webapp.bulk.finishing import finish_applying, finish_undo
from webapp.bulk.jobs import continue_in_job, has_live_job, lock_job
from webapp.bulk.models import REQUEST_PEOPLE_MAX, VIEW_MAX, BulkChange, Outcome, State
from webapp.bulk.requester import lock_own_change, save_request_details
from webapp.bulk.snapshots import store_snapshot
from webapp.core.clock import now
from webapp.core.errors import Invalid, Refused, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import State as JobState
from webapp.jobs.services import cancel_job
from webapp.users.models import User


@transaction()
def create_bulk_change(
    action_name: str, *, people: Select[User], by: Actor, selected: int = 0, view: str | None = None, locale: str = "en"
) -> BulkChange:
    """Create a bulk change of the people that `people` finds now. Preview it if the action needs no argument.

    `selected` is how many people were selected one by one. `view` holds the parameters of the list if all matches were
    selected. Raise Invalid if `people` finds no one.
    """
    action = get_action(action_name)
    bulk = BulkChange(
        id=new_id(), requested_by_id=by.id, action=action.name, view=view and view[:VIEW_MAX], locale=locale
    )
    bulk.total = store_snapshot(bulk.id, people)
    if not bulk.total:
        raise Invalid(_("No one is selected. Select people in the list first."), field="ids", code="nobody")
    bulk.missing = max(selected - bulk.total, 0)
    db.session.add(bulk)
    if action.name == EXPORT:
        bulk.state = State.PLANNED
    elif not action.needs_argument:
        _start_preview(bulk, {}, by=by)
    return bulk


@transaction()
def preview_bulk_change(bulk_id: UUID, *, argument: Mapping[str, Any], by: Actor) -> BulkChange:
    """Replace the preview by one with this argument. Raise Stale if the change is being previewed or applied."""
    bulk = lock_own_change(bulk_id, by)
    preview_failed = bulk.state == State.PLANNING and not has_live_job(bulk)
    if bulk.state not in {State.DRAFT, State.PLANNED} and not preview_failed:
        raise Stale(_("The preview is being created or the change was already applied"))
    _start_preview(bulk, argument, by=by)
    return bulk


def _start_preview(bulk: BulkChange, argument: Mapping[str, Any], *, by: Actor) -> None:
    bulk.argument, bulk.planned_upto, bulk.counts = dict(argument), 0, {}
    bulk.plan_hash = first_plan_hash(bulk)
    if bulk.total <= REQUEST_PEOPLE_MAX:
        preview_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX)
        bulk.state = State.PLANNED
    else:
        bulk.state = State.PLANNING
        continue_in_job("bulk.plan", bulk, by=by, total=bulk.total)


@transaction()
def apply_bulk_change(bulk_id: UUID, *, plan_hash: str, by: Actor) -> BulkChange:
    """Apply the preview, at once or by a job. A person who cannot be changed is left unchanged.

    Raise Stale if `plan_hash` is not the hash of the latest preview or the change was applied already.
    """
    bulk = lock_own_change(bulk_id, by)
    if bulk.state != State.PLANNED:
        raise Stale(_("This change was already applied or is being applied"))
    if bulk.plan_hash != plan_hash:
        raise Stale(_("The preview was updated after you opened it. Nothing was changed. Check the new preview."))
    if not bulk.count(Outcome.CHANGE):
        raise Refused(_("There is nothing to change"), code="nothing")
    save_request_details(bulk, by, action=ACTIONS[bulk.action].recorded_as)
    bulk.state = State.APPLYING
    if bulk.total <= REQUEST_PEOPLE_MAX:
        apply_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX)
        finish_applying(bulk, by=by)
    else:
        continue_in_job("bulk.apply", bulk, by=by, total=bulk.count(Outcome.CHANGE))
    return bulk


@transaction()
def undo_bulk_change(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Undo the change of each person. Skip people who were changed since. Raise Stale if it was undone already."""
    bulk = lock_own_change(bulk_id, by)
    if bulk.state != State.APPLIED:
        raise Stale(_("This change was already undone or is not applied yet"))
    if not bulk.count(Outcome.DONE) or bulk.emptied_at:
        raise Refused(_("There is nothing to undo"), code="nothing")
    save_request_details(bulk, by, action=ACTIONS[bulk.action].undo_recorded_as)
    bulk.state, bulk.undo_id = State.UNDOING, new_id()
    if bulk.count(Outcome.DONE) <= REQUEST_PEOPLE_MAX:
        undo_chunk(bulk, by=by, limit=REQUEST_PEOPLE_MAX)
        finish_undo(bulk, by=by)
    else:
        continue_in_job("bulk.undo", bulk, by=by, total=bulk.count(Outcome.DONE))
    return bulk


@transaction()
def stop_bulk_change(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Stop applying. Changes made so far stay and can be undone. Raise Stale if it is not being applied."""
    unlocked = db.session.get(BulkChange, bulk_id)
    # The job locks its own row first, then the bulk change. The same order here prevents a deadlock.
    job = lock_job(unlocked) if unlocked else None
    if job is not None and job.state == JobState.WAITING:
        cancel_job(job.id, by=by)
    bulk = lock_own_change(bulk_id, by)
    if bulk.state != State.APPLYING:
        raise Stale(_("This change is no longer being applied"))
    if job is not None and job.live:
        bulk.stop_requested_at = now()
    else:
        finish_applying(bulk, by=by)
    return bulk
