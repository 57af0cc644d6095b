"""Undo of changes of attribute definitions."""

from __future__ import annotations

from typing import Any

from webapp.access.checks import check_everywhere
from webapp.access.undo import lifecycle_undos
from webapp.attributes.choices import parse_choices
from webapp.attributes.definitions import audited_definition
from webapp.attributes.models import Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.services import delete_attribute, move_attribute, restore_attribute, update_attribute
from webapp.audit.actions import Action
from webapp.audit.models import AuditRecord
from webapp.audit.services import Value
from webapp.core.errors import NotFound
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _
from webapp.db.session import db

MANAGE = Permission.SETTINGS_MANAGE
BOOLEANS = frozenset({"required", "unique", "sortable"})


def _get_attribute(record: AuditRecord, by: Actor) -> Attribute:
    check_everywhere(by, MANAGE)
    attribute = db.session.get(Attribute, record.subject_id, populate_existing=True)
    if attribute is None:
        raise NotFound(_("This attribute does not exist. It may have been deleted."))
    return attribute


def _current(record: AuditRecord, by: Actor) -> dict[str, Value]:
    attribute = _get_attribute(record, by)
    if attribute.deleted_at:
        return {}
    position = str(live_attributes().index(attribute) + 1)
    return audited_definition(attribute) | {"key": attribute.key, "position": position}


def undo_update(record: AuditRecord, by: Actor) -> None:
    attribute = _get_attribute(record, by)
    if "position" in record.changes:
        before, after = map(int, record.changes["position"])
        move_attribute(attribute.id, up=before < after, by=by)
        return
    definition: Any = {name: _parse(name, before) for name, (before, _after) in record.changes.items()}
    update_attribute(attribute.id, version=attribute.version, **definition, by=by)


def _parse(name: str, audited: Value) -> Any:
    """The reverse of `audited_definition`, for one part."""
    if name in BOOLEANS:
        return audited == "yes"
    return parse_choices(audited or []) if name == "choices" else audited or ""


UNDOS = lifecycle_undos(
    permission=MANAGE,
    current=_current,
    actions=(
        Action.ATTRIBUTE_CREATED,
        Action.ATTRIBUTE_UPDATED,
        Action.ATTRIBUTE_DELETED,
        Action.ATTRIBUTE_RESTORED,
    ),
    update=undo_update,
    delete=delete_attribute,
    restore=restore_attribute,
)
