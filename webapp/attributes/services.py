"""The only entry point to changes of attribute definitions."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import UUID

from sqlalchemy import func, select

from webapp.access.checks import check_everywhere
from webapp.attributes.definitions import (
    DEFAULTS,
    KEY_TAKEN,
    Definition,
    audited_definition,
    check_definition,
    definition_of,
    validate_definition,
)
from webapp.attributes.keys import unused_key
from webapp.attributes.models import ATTRIBUTES_MAX, INDEX_JOB, Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.unique_values import rebuild_unique_values
from webapp.attributes.value_conflicts import conflicts_with_values
from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Refused, Stale, Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _, language
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import advisory_lock, transaction
from webapp.jobs.services import enqueue


@transaction()
def create_attribute(*, key: str = "", by: Actor, **definition: Unpack[Definition]) -> Attribute:
    """Add an attribute at the end. Without a key, derive it from the name.

    Raise Invalid with every problem, Taken if the key is or was in use.
    """
    _check_and_lock(by)
    key = key or unused_key(definition.get("label_en") or definition.get("label_ru") or "")
    values = validate_definition(DEFAULTS | definition, new_key=key)
    if (db.session.scalar(select(func.count()).select_from(Attribute)) or 0) >= ATTRIBUTES_MAX:
        raise Refused(_("You can have at most %(max)s attributes, including deleted ones", max=ATTRIBUTES_MAX))
    attribute = Attribute(key=key, **values, position=_last_position() + 1)
    db.session.add(attribute)
    with translate_constraints({"uq_attributes_key": Taken(KEY_TAKEN, field="key", code="taken")}):
        db.session.flush()
    if attribute.sortable:
        _enqueue_index_job(attribute, by=by)
    changes = difference({}, {"key": key} | audited_definition(attribute))
    _record(Action.ATTRIBUTE_CREATED, attribute, by=by, changes=changes)
    return attribute


@transaction()
def update_attribute(attribute_id: UUID, *, version: int | None, by: Actor, **changed: Unpack[Definition]) -> Attribute:
    """Change the given parts of a definition. Without `version`, whatever others changed meanwhile.

    Raise Stale if it was changed after `version`, Invalid if people's values do not allow the change.
    """
    _check_and_lock(by)
    attribute = _locked(attribute_id)
    _check_version(attribute, version)
    after, problems = check_definition(definition_of(attribute) | changed, attribute_id=attribute_id)
    problems += conflicts_with_values(attribute, after)
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    before, was_unique, old_index = audited_definition(attribute), attribute.unique, _needed_index(attribute)
    _assign(attribute, after)
    if changes := difference(before, audited_definition(attribute)):
        if _needed_index(attribute) != old_index:
            _enqueue_index_job(attribute, by=by)
        db.session.flush()
        if attribute.unique != was_unique:
            rebuild_unique_values(attribute)
        _record(Action.ATTRIBUTE_UPDATED, attribute, by=by, changes=changes)
    return attribute


@transaction()
def move_attribute(attribute_id: UUID, *, up: bool, by: Actor) -> Attribute:
    """Swap the attribute with its live neighbour. Do nothing if there is none on this side."""
    _check_and_lock(by)
    attribute = _locked(attribute_id)
    order = live_attributes()
    index = order.index(attribute)
    new_index = index - 1 if up else index + 1
    if not 0 <= new_index < len(order):
        return attribute
    other = order[new_index]
    attribute.position, other.position = other.position, attribute.position
    changes: Changes = {"position": (str(index + 1), str(new_index + 1))}
    _record(Action.ATTRIBUTE_UPDATED, attribute, by=by, changes=changes)
    return attribute


@transaction()
def place_attribute(attribute_id: UUID, *, position: int, by: Actor) -> Attribute:
    """Move the attribute to this position among the live ones, from 1. The last one if it is larger. Idempotent.

    Each step is a change of its own, as on the page, so that it can be undone.
    """
    _check_and_lock(by)
    attribute = _locked(attribute_id)
    order = live_attributes()
    distance = min(position, len(order)) - 1 - order.index(attribute)
    for _step in range(abs(distance)):
        move_attribute(attribute_id, up=distance < 0, by=by)
    return attribute


@transaction()
def delete_attribute(attribute_id: UUID, *, version: int | None = None, by: Actor) -> Attribute:
    """Hide the attribute everywhere. People keep their values, which `restore_attribute` shows again. Idempotent.

    Raise Stale if it was changed after `version`.
    """
    _check_and_lock(by)
    attribute = _locked(attribute_id, deleted=True)
    if attribute.deleted_at:
        return attribute
    _check_version(attribute, version)
    attribute.deleted_at = now()
    if attribute.sortable:
        _enqueue_index_job(attribute, by=by)
    _record(Action.ATTRIBUTE_DELETED, attribute, by=by, changes={"key": (attribute.key, None)})
    return attribute


@transaction()
def restore_attribute(attribute_id: UUID, *, by: Actor) -> Attribute:
    """Restore the attribute at the end. Raise Taken if another attribute has its label now. Idempotent."""
    _check_and_lock(by)
    attribute = _locked(attribute_id, deleted=True)
    if attribute.deleted_at is None:
        return attribute
    try:
        validate_definition(definition_of(attribute), attribute_id=attribute_id)
    except Invalid as error:
        message = _("Another attribute now has this name. Rename that attribute first.")
        raise Taken(message, field="label_en", code="taken") from error
    attribute.position, attribute.deleted_at = _last_position() + 1, None
    if attribute.sortable:
        _enqueue_index_job(attribute, by=by)
    _record(Action.ATTRIBUTE_RESTORED, attribute, by=by, changes={"key": (None, attribute.key)})
    return attribute


def _check_and_lock(by: Actor) -> None:
    """Check the permission. Lock all definitions, because their labels must differ from each other."""
    check_everywhere(by, Permission.SETTINGS_MANAGE)
    advisory_lock("attributes")


def _locked(attribute_id: UUID, *, deleted: bool = False) -> Attribute:
    attribute = db.session.get(Attribute, attribute_id, with_for_update=True, populate_existing=True)
    if attribute is None or (attribute.deleted_at and not deleted):
        raise NotFound(_("This attribute does not exist. It may have been deleted."))
    return attribute


def _check_version(attribute: Attribute, version: int | None) -> None:
    if version is not None and attribute.version != version:
        raise Stale(_("Someone else changed this attribute while you were editing"))


def _last_position() -> int:
    return db.session.scalar(select(func.coalesce(func.max(Attribute.position), 0))) or 0


def _assign(attribute: Attribute, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(attribute, name) != value:
            setattr(attribute, name, value)


def _needed_index(attribute: Attribute) -> str | None:
    """Return the kind by which the attribute's index sorts, or None if it needs no index."""
    return attribute.kind if attribute.sortable else None


def _enqueue_index_job(attribute: Attribute, *, by: Actor) -> None:
    """Enqueue the job that creates or drops the index. Until the job sets `indexed_at`, no list uses the index."""
    if attribute.indexed_at:
        attribute.indexed_at = None
    enqueue(INDEX_JOB, by=by, attribute=str(attribute.id), locale=language())


def _record(action: Action, attribute: Attribute, *, by: Actor, changes: Changes) -> None:
    label = attribute.label_en or attribute.label_ru
    record(action, subject=attribute, by=by, kind="attribute", label=label, changes=changes)
