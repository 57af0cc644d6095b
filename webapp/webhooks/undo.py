"""Undo of changes of webhooks."""

from __future__ import annotations

from typing import Any

from webapp.access.checks import check_everywhere
from webapp.access.undo import lifecycle_undos
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value, difference
from webapp.audit.undo import Undo
from webapp.core.permissions import Actor, Permission
from webapp.db.session import db
from webapp.outgoing.urls import checked_url
from webapp.webhooks.events import checked_events
from webapp.webhooks.models import Endpoint
from webapp.webhooks.queries import endpoint_not_found
from webapp.webhooks.services import (
    ACTIVE,
    PAUSED,
    audited,
    change_endpoint,
    delete_endpoint,
    pause_endpoint,
    restore_endpoint,
    resume_endpoint,
)

MANAGE = Permission.WEBHOOKS_MANAGE


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    check_everywhere(by, MANAGE)
    endpoint = db.session.get(Endpoint, record.subject_id, populate_existing=True)
    if endpoint is None:
        raise endpoint_not_found()
    if endpoint.deleted_at:
        return {}
    values = {name: after for name, (_before, after) in difference({}, audited(endpoint)).items()}
    return values | {"webhook_state": PAUSED if endpoint.paused_at else ACTIVE}


def undo_update(record: AuditRecord, by: Actor) -> None:
    """Name servers are not asked, because this runs in a transaction. The sender checks each connection."""
    before: Any = {name: value for name, (value, _after) in record.changes.items()}
    change_endpoint(
        record.subject_id,
        by=by,
        url=checked_url(before["url"], resolve=False) if "url" in before else None,
        events=checked_events(before["webhook_events"]) if "webhook_events" in before else None,
        description=before["description"] or "" if "description" in before else None,
    )


UNDOS = lifecycle_undos(
    permission=MANAGE,
    current=_current,
    actions=(Action.WEBHOOK_CREATED, Action.WEBHOOK_UPDATED, Action.WEBHOOK_DELETED, Action.WEBHOOK_RESTORED),
    update=undo_update,
    delete=delete_endpoint,
    restore=restore_endpoint,
) | {
    Action.WEBHOOK_PAUSED: Undo(
        MANAGE, apply=lambda record, by: resume_endpoint(record.subject_id, by=by), current=_current
    ),
    Action.WEBHOOK_RESUMED: Undo(
        MANAGE, apply=lambda record, by: pause_endpoint(record.subject_id, by=by), current=_current
    ),
}
