"""How changes of saved views are taken back, by whoever keeps the view."""

from __future__ import annotations

from typing import Any

from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import undoes
from webapp.core.access import Actor, Permission
from webapp.core.database import db
from webapp.views.models import SavedView
from webapp.views.queries import no_view
from webapp.views.services import change_view, delete_view, restore_view, told_of_view

READ = Permission.USERS_READ


def _as_it_is(record: AuditRecord, by: Actor) -> dict[str, Value]:
    """While there is none all is gone; whoever did not keep it is told of none."""
    view = db.session.get(SavedView, record.subject_id, populate_existing=True)
    if (view.owner_id if view else record.actor_id) != by.id:
        raise no_view()
    now = told_of_view(view) if view else {}
    return {name: now.get(name) for name in record.changes}


@undoes(Action.VIEW_UPDATED, permission=READ, current=_as_it_is)
def undo_update(record: AuditRecord, by: Actor) -> None:
    view = db.session.get_one(SavedView, record.subject_id)
    back: dict[str, Any] = {name: before for name, (before, _after) in record.changes.items()}
    if "shared" in back:
        back["shared"] = back["shared"] == "yes"
    change_view(view.id, version=view.version, by=by, **back)


@undoes(Action.VIEW_CREATED, permission=READ, current=_as_it_is)
@undoes(Action.VIEW_RESTORED, permission=READ, current=_as_it_is)
def undo_saving(record: AuditRecord, by: Actor) -> None:
    delete_view(record.subject_id, by=by)


@undoes(Action.VIEW_DELETED, permission=READ, current=_as_it_is)
def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_view(record.subject_id, {name: before for name, (before, _after) in record.changes.items()}, by=by)
