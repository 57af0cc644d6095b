"""Undo of changes of recurring work."""

from __future__ import annotations

from functools import partial
from typing import Any

from webapp.access.undo import lifecycle_undos
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value, difference
from webapp.audit.undo import Apply, Undo
from webapp.core.permissions import Actor
from webapp.db.session import db
from webapp.recurring.kinds import ACTIVE, PAUSED, Kind
from webapp.recurring.queries import not_found
from webapp.recurring.services import check_may_manage, delete_row, may_see, pause_row, restore_row, resume_row


def undos(kind: Kind[Any, Any], update: Apply) -> dict[Action, Undo]:
    """Return how the changes of this kind are undone. `update` gives the fields their earlier values."""
    current = partial(_current, kind)
    actions = (kind.action("created"), kind.action("updated"), kind.action("deleted"), kind.action("restored"))
    return lifecycle_undos(
        permission=kind.permission,
        current=current,
        actions=actions,
        update=update,
        delete=partial(delete_row, kind),
        restore=partial(restore_row, kind),
    ) | {
        kind.action("paused"): Undo(
            kind.permission, apply=lambda record, by: resume_row(kind, record.subject_id, by=by), current=current
        ),
        kind.action("resumed"): Undo(
            kind.permission, apply=lambda record, by: pause_row(kind, record.subject_id, by=by), current=current
        ),
    }


def _current(kind: Kind[Any, Any], record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_may_manage(kind, by)
    row = db.session.get(kind.row, record.subject_id, populate_existing=True)
    if row is None or not may_see(kind, row, by):
        raise not_found(kind)
    if row.deleted_at:
        return {}
    values = {name: after for name, (_before, after) in difference({}, kind.audited(row)).items()}
    return values | {kind.state_field: PAUSED if row.paused_at else ACTIVE}
