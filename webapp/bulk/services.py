"""The only door to bulk changes: asked for, previewed, applied, stopped and undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, cast, delete, func, insert, literal, select, text, update

from webapp.audit.models import Action
from webapp.audit.reasons import checked_reason
from webapp.audit.services import grouped_changes, record
from webapp.bulk.actions import EXPORT, VERBS, Verb
from webapp.bulk.models import AT_ONCE, VIEW_MAX, BulkChange, BulkItem, Outcome, State
from webapp.bulk.working import apply_part, first_hash, plan_part, undo_part
from webapp.core.clock import now
from webapp.core.errors import Forbidden, Invalid, NotFound, Refused, Stale
from webapp.core.ids import new_id
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.db.engines import TIME_LIMIT
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.jobs.models import State as JobState
from webapp.jobs.services import cancel_job, enqueue
from webapp.users.models import User

# To freeze a million people takes some seconds.
FREEZE_SECONDS = 25


@transaction()
def ask_bulk(
    action: str, *, people: Select[User], by: Actor, chosen: int = 0, view: str | None = None, locale: str = "en"
) -> BulkChange:
    """A bulk change of the people whom `people` finds now, whatever happens to them or to the list later.

    `chosen` is how many were chosen one by one, `view` the parameters of the list when all that match were. Raises
    Invalid when it is nobody.
    """
    verb = verb_of(action)
    bulk = BulkChange(
        id=new_id(), requested_by_id=by.id, action=verb.name, view=view and view[:VIEW_MAX], locale=locale
    )
    bulk.total = _freeze(bulk.id, people)
    if not bulk.total:
        raise Invalid(_("No one is selected. Select people in the list first."), field="ids", code="nobody")
    bulk.missing = max(chosen - bulk.total, 0)
    db.session.add(bulk)
    if verb.name == EXPORT:
        bulk.state = State.PLANNED
    elif not verb.asks:
        _begin_plan(bulk, {}, by=by)
    return bulk


@transaction()
def plan_bulk(bulk_id: UUID, *, argument: Mapping[str, Any], by: Actor) -> BulkChange:
    """Previews it with this argument, in place of any preview before. Raises Stale once it is being applied."""
    bulk = own_bulk(bulk_id, by)
    if bulk.state not in {State.DRAFT, State.PLANNED} and not (bulk.state == State.PLANNING and not _at_work(bulk)):
        raise Stale(_("The preview is being created or the change was already applied"))
    _begin_plan(bulk, argument, by=by)
    return bulk


@transaction()
def apply_bulk(bulk_id: UUID, *, plan_hash: str, by: Actor) -> BulkChange:
    """Does what the preview says, at once or by a job. Raises Stale unless `plan_hash` is of the latest preview.

    A request changes all or nobody: it is one transaction, in which each person who cannot be changed is left as is.
    """
    bulk = own_bulk(bulk_id, by)
    if bulk.state != State.PLANNED:
        raise Stale(_("This change was already applied or is being applied"))
    if bulk.plan_hash != plan_hash:
        raise Stale(_("The preview was updated after you opened it. Nothing was changed. Check the new preview."))
    if not bulk.count(Outcome.CHANGE):
        raise Refused(_("There is nothing to change"), code="nothing")
    sign(bulk, by, recorded=VERBS[bulk.action].recorded)
    bulk.state = State.APPLYING
    if bulk.total <= AT_ONCE:
        apply_part(bulk, by=by, limit=AT_ONCE)
        close(bulk, by=by)
    else:
        by_job("bulk.apply", bulk, by=by, total=bulk.count(Outcome.CHANGE))
    return bulk


@transaction()
def undo_bulk(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Takes back what was done, person by person; whoever was changed since stays as they are. Once."""
    bulk = own_bulk(bulk_id, by)
    if bulk.state != State.APPLIED:
        raise Stale(_("This change was already undone or is not applied yet"))
    if not bulk.count(Outcome.DONE) or bulk.emptied_at:
        raise Refused(_("There is nothing to undo"), code="nothing")
    sign(bulk, by, recorded=VERBS[bulk.action].undone)
    bulk.state, bulk.undo_id = State.UNDOING, new_id()
    if bulk.count(Outcome.DONE) <= AT_ONCE:
        undo_part(bulk, by=by, limit=AT_ONCE)
        close_undo(bulk, by=by)
    else:
        by_job("bulk.undo", bulk, by=by, total=bulk.count(Outcome.DONE))
    return bulk


@transaction()
def stop_bulk(bulk_id: UUID, *, by: Actor) -> BulkChange:
    """Stops applying: what is done stays done, and can be undone; nobody else is changed."""
    asked = db.session.get(BulkChange, bulk_id)
    # In the order in which the job locks them.
    job = _job(asked) if asked else None
    if job is not None and job.state == JobState.WAITING:
        cancel_job(job.id, by=by)
    bulk = own_bulk(bulk_id, by)
    if bulk.state != State.APPLYING:
        raise Stale(_("This change is no longer being applied"))
    if job is not None and job.live:
        bulk.stop_requested_at = now()
    else:
        close(bulk, by=by)
    return bulk


def close(bulk: BulkChange, *, by: Actor, words: str | None = None) -> None:
    """Nobody else is changed: whoever was not reached is left as is, and the trail says how it went."""
    if bulk.count(Outcome.CHANGE):
        left = update(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.outcome == Outcome.CHANGE)
        values = {"outcome": Outcome.SKIPPED, "words": words or str(_("Stopped before this user was changed"))}
        rest = db.session.connection().execute(left.values(values)).rowcount
        counts = bulk.counts | {Outcome.SKIPPED.value: int(rest)}
        bulk.counts = {name: number for name, number in counts.items() if number and name != Outcome.CHANGE}
    bulk.state, bulk.applied_at = State.APPLIED, now()
    with grouped_changes(batch_id=bulk.id):
        _record(Action.BULK_APPLIED, bulk, by)


def close_undo(bulk: BulkChange, *, by: Actor) -> None:
    bulk.state, bulk.undone_at = State.UNDONE, now()
    with grouped_changes(batch_id=bulk.undo_id):
        _record(Action.BULK_UNDONE, bulk, by)


def asker_of(bulk: BulkChange) -> Actor | None:
    """In whose name a job goes on; None once they may not sign in any more. Their powers each service asks anew."""
    user = db.session.get(User, bulk.requested_by_id, populate_existing=True) if bulk.requested_by_id else None
    if user is None or not user.can_sign_in:
        return None
    return Actor(
        ActorKind.USER, user.name, user.id, address=bulk.address, request_id=bulk.request_id, reason=bulk.reason
    )


def locked_bulk(bulk_id: UUID) -> BulkChange | None:
    """For a job: the bulk change, which nobody else touches until the end of this transaction."""
    return db.session.get(BulkChange, bulk_id, with_for_update=True, populate_existing=True)


def forget_person(person_id: UUID) -> None:
    """What bulk changes know of a person goes with them; those they asked for themselves are removed soon after."""
    unseen = {"synchronize_session": False}
    db.session.execute(delete(BulkItem).where(BulkItem.user_id == person_id), execution_options=unseen)
    theirs = update(BulkChange).where(BulkChange.requested_by_id == person_id)
    nobody = {"requested_by_id": None, "address": "", "request_id": "", "reason": "", "view": None}
    db.session.execute(theirs.values(nobody), execution_options=unseen)


def verb_of(action: str) -> Verb:
    """Raises Refused for what there is not."""
    if action not in VERBS:
        raise Refused(_("Choose an action"), field="action", code="unknown")
    return VERBS[action]


def _freeze(bulk_id: UUID, people: Select[User]) -> int:
    """Keeps who they are, by name, in one statement; how many."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = {FREEZE_SECONDS * 1000}"))
    found = people.with_only_columns(User.id, User.name_key).order_by(None).subquery()
    number = func.row_number().over(order_by=(found.c.name_key, found.c.id))
    rows = select(literal(bulk_id, Uuid()), number, found.c.id, cast(None, String))
    frozen = insert(BulkItem).from_select(["bulk_id", "number", "user_id", "outcome"], rows, include_defaults=False)
    frozen = frozen.execution_options(**{TIME_LIMIT: FREEZE_SECONDS})
    return int(db.session.connection().execute(frozen).rowcount)


def _begin_plan(bulk: BulkChange, argument: Mapping[str, Any], *, by: Actor) -> None:
    bulk.argument, bulk.planned_upto, bulk.counts = dict(argument), 0, {}
    bulk.plan_hash = first_hash(bulk)
    if bulk.total <= AT_ONCE:
        plan_part(bulk, by=by, limit=AT_ONCE)
        bulk.state = State.PLANNED
    else:
        bulk.state = State.PLANNING
        by_job("bulk.plan", bulk, by=by, total=bulk.total)


def by_job(kind: str, bulk: BulkChange, *, by: Actor, total: int) -> None:
    """Has a job go on with a locked bulk change, of `total` people."""
    bulk.job_id, bulk.stop_requested_at = enqueue(kind, by=by, bulk_id=bulk.id.hex, total=total).id, None


def own_bulk(bulk_id: UUID, by: Actor) -> BulkChange:
    """Locked. Only whoever asked for it goes on with it."""
    bulk = locked_bulk(bulk_id)
    if bulk is None:
        raise NotFound(_("This bulk change does not exist. Changes that are not applied are removed after 7 days."))
    if by.id is None or bulk.requested_by_id != by.id:
        raise Forbidden(_("Only the person who started this change can continue it"))
    return bulk


def sign(bulk: BulkChange, by: Actor, *, recorded: Action) -> None:
    """Keeps from where and why, for the job. Raises Invalid when a reason is asked for and there is none."""
    reason = checked_reason(recorded, by.reason, by=by)
    bulk.address, bulk.request_id, bulk.reason = by.address, by.request_id, reason


def _job(bulk: BulkChange) -> Job | None:
    """Locked."""
    return db.session.get(Job, bulk.job_id, with_for_update=True, populate_existing=True) if bulk.job_id else None


def _at_work(bulk: BulkChange) -> bool:
    job = db.session.get(Job, bulk.job_id, populate_existing=True) if bulk.job_id else None
    return job is not None and job.live


def _record(action: Action, bulk: BulkChange, by: Actor) -> None:
    verb = VERBS[bulk.action]
    told = {"bulk_action": verb.name, **_told(bulk.argument), "people": str(bulk.total)}
    told |= {f"bulk_{outcome}": str(number) for outcome, number in sorted(bulk.counts.items())}
    changes = {name: (None, value) for name, value in told.items()}
    record(action, subject=bulk, by=by, kind="bulk", label=str(verb.label), changes=changes)


def _told(argument: Mapping[str, Any]) -> dict[str, str]:
    """What is said of an argument; the value of an attribute may be of one person only, and stands in their records."""
    return {name: str(value) for name, value in argument.items() if name != "value" and not name.endswith("_id")}
