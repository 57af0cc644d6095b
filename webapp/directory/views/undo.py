"""How changes of saved views are taken back, by whoever keeps the view."""

from __future__ import annotations

from typing import Any

from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import no_view
from webapp.directory.views.services import change_view, delete_view, restore_view, told_of_view

READ = Permission.USERS_READ


def _as_it_is(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """While there is none all is gone; whoever did not keep it is told of none."""
    view = db.session.get(SavedView, record.subject_id, populate_existing=True)
    if (view.owner_id if view else record.actor_id) != by.id:
        raise no_view()
    now = told_of_view(view) if view else {}
    return {name: now.get(name) for name in record.changes}


def undo_update(record: AuditRecord, by: Actor) -> None:
    view = db.session.get_one(SavedView, record.subject_id)
    back: dict[str, Any] = {name: before for name, (before, _after) in record.changes.items()}
    if "shared" in back:
        back["shared"] = back["shared"] == "yes"
    change_view(view.id, version=view.version, by=by, **back)


def undo_saving(record: AuditRecord, by: Actor) -> None:
    delete_view(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_view(record.subject_id, {name: before for name, (before, _after) in record.changes.items()}, by=by)


UNDOS = {
    Action.VIEW_UPDATED: Undo(permission=READ, current=_as_it_is, apply=undo_update),
    Action.VIEW_CREATED: Undo(permission=READ, current=_as_it_is, apply=undo_saving),
    Action.VIEW_RESTORED: Undo(permission=READ, current=_as_it_is, apply=undo_saving),
    Action.VIEW_DELETED: Undo(permission=READ, current=_as_it_is, apply=undo_deletion),
}
