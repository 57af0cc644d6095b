"""The end of applying and of undoing: the final state and one audit record for the whole bulk change."""

from __future__ import annotations

from sqlalchemy import update

from webapp.audit.actions import Action
from webapp.audit.services import grouped_changes, record
from webapp.bulk.actions import ACTIONS
from webapp.bulk.models import BulkChange, BulkItem, Outcome, State
from webapp.core.clock import now
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db


def finish_applying(bulk: BulkChange, *, by: Actor, message: str | None = None) -> None:
    """End applying. People who were not reached are skipped; `message` says why."""
    if bulk.count(Outcome.CHANGE):
        _skip_others(bulk, message or str(_("Stopped before this user was changed")))
    bulk.state, bulk.applied_at = State.APPLIED, now()
    with grouped_changes(batch_id=bulk.id):
        _record_summary(Action.BULK_APPLIED, bulk, by)


def finish_undo(bulk: BulkChange, *, by: Actor) -> None:
    bulk.state, bulk.undone_at = State.UNDONE, now()
    with grouped_changes(batch_id=bulk.undo_id):
        _record_summary(Action.BULK_UNDONE, bulk, by)


def _skip_others(bulk: BulkChange, message: str) -> None:
    others = update(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.outcome == Outcome.CHANGE)
    skipped = others.values({BulkItem.outcome: Outcome.SKIPPED, BulkItem.message: message})
    number = int(db.session.connection().execute(skipped).rowcount)
    counts = bulk.counts | {Outcome.SKIPPED.value: number}
    bulk.counts = {outcome: number for outcome, number in counts.items() if number and outcome != Outcome.CHANGE}


def _record_summary(audit_action: Action, bulk: BulkChange, by: Actor) -> None:
    action = ACTIONS[bulk.action]
    values = {"bulk_action": action.name, **_recorded_argument(bulk), "people": str(bulk.total)}
    values |= {f"bulk_{outcome}": str(number) for outcome, number in sorted(bulk.counts.items())}
    changes = {name: (None, value) for name, value in values.items()}
    record(audit_action, subject=bulk, by=by, kind="bulk", label=str(action.label), changes=changes)


def _recorded_argument(bulk: BulkChange) -> dict[str, str]:
    """Return the argument without ids, and without the value of an attribute: it may be personal data."""
    return {name: str(value) for name, value in bulk.argument.items() if name != "value" and not name.endswith("_id")}
