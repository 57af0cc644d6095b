"""Undo of changes to saved views. Only the owner of a view can do this."""

from __future__ import annotations

from typing import Any

from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import view_not_found
from webapp.directory.views.services import audited_view, change_view, delete_view, restore_view

READ = Permission.USERS_READ


def undo_update(record: AuditRecord, by: Actor) -> None:
    view = db.session.get_one(SavedView, record.subject_id)
    values = _values_before(record)
    if "shared" in values:
        values["shared"] = values["shared"] == "yes"
    change_view(view.id, version=view.version, by=by, **values)


def undo_saving(record: AuditRecord, by: Actor) -> None:
    delete_view(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_view(record.subject_id, _values_before(record), by=by)


def _values_before(record: AuditRecord) -> dict[str, Any]:
    return {name: before for name, (before, _after) in record.changes.items()}


def _current_values(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """Return the current values of the changed fields, None for each if the view is deleted.

    Raise NotFound if the actor is not the owner of the view or, if it is deleted, did not delete it.
    """
    view = db.session.get(SavedView, record.subject_id, populate_existing=True)
    if (view.owner_id if view else record.actor_id) != by.id:
        raise view_not_found()
    current = audited_view(view) if view else {}
    return {name: current.get(name) for name in record.changes}


UNDOS = {
    Action.VIEW_UPDATED: Undo(permission=READ, current=_current_values, apply=undo_update),
    Action.VIEW_CREATED: Undo(permission=READ, current=_current_values, apply=undo_saving),
    Action.VIEW_RESTORED: Undo(permission=READ, current=_current_values, apply=undo_saving),
    Action.VIEW_DELETED: Undo(permission=READ, current=_current_values, apply=undo_deletion),
}
