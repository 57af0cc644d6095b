"""How changes of attributes are taken back."""

from __future__ import annotations

from typing import Any

from webapp.access.checks import check_group
from webapp.attributes.defining import choices_of
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.services import (
    change_attribute,
    delete_attribute,
    move_attribute,
    restore_attribute,
    told_of,
)
from webapp.audit.models import Action, AuditRecord
from webapp.audit.services import Value
from webapp.audit.undo import Undo
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db

MANAGE = Permission.SETTINGS_MANAGE
SWITCHES = frozenset({"required", "unique", "sortable"})


def _attribute(record: AuditRecord, by: Actor) -> Attribute:
    check_group(by, MANAGE, group_id=None)
    attribute = db.session.get(Attribute, record.subject_id, populate_existing=True)
    if attribute is None:
        raise NotFound(_("There is no such attribute. Somebody may have deleted it."))
    return attribute


def _as_it_is(record: AuditRecord, by: Actor) -> dict[str, Value]:
    attribute = _attribute(record, by)
    if attribute.deleted_at:
        return {}
    return told_of(attribute) | {"key": attribute.key, "position": str(live_attributes().index(attribute) + 1)}


def undo_update(record: AuditRecord, by: Actor) -> None:
    attribute = _attribute(record, by)
    if "position" in record.changes:
        before, after = map(int, record.changes["position"])
        move_attribute(attribute.id, up=before < after, by=by)
        return
    back = {name: _as_given(name, before) for name, (before, _after) in record.changes.items()}
    change_attribute(attribute.id, version=attribute.version, **back, by=by)


def _as_given(name: str, told: Value) -> Any:
    if name in SWITCHES:
        return told == "yes"
    return choices_of(told or []) if name == "choices" else told or ""


def undo_creation(record: AuditRecord, by: Actor) -> None:
    delete_attribute(record.subject_id, by=by)


def undo_deletion(record: AuditRecord, by: Actor) -> None:
    restore_attribute(record.subject_id, by=by)


UNDOS = {
    Action.ATTRIBUTE_UPDATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_update),
    Action.ATTRIBUTE_CREATED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.ATTRIBUTE_RESTORED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_creation),
    Action.ATTRIBUTE_DELETED: Undo(permission=MANAGE, current=_as_it_is, apply=undo_deletion),
}
