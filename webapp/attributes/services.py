"""The only door to a change of attributes, and to the keys of unique ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp.access.checks import check_group
from webapp.attributes.claiming import rekey
from webapp.attributes.defining import checked_definition, lines_of, value_problems
from webapp.attributes.models import (
    ATTRIBUTES_MAX,
    INDEX_JOB,
    Attribute,
    Editable,
    Kind,
    Visible,
)
from webapp.attributes.queries import live_attributes
from webapp.audit.models import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, NotFound, Refused, Stale, Taken
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import _, language
from webapp.db.session import db
from webapp.db.transactions import lock, transaction
from webapp.jobs.services import enqueue

TOLD = (
    "label_en",
    "label_ru",
    "help",
    "kind",
    "choices",
    "required",
    "unique",
    "sortable",
    "visible_to",
    "editable_by",
)


@transaction()
def define_attribute(
    *,
    key: str,
    label_en: str,
    label_ru: str,
    by: Actor,
    kind: str = Kind.TEXT,
    help: str = "",
    required: bool = False,
    unique: bool = False,
    choices: Collection[Mapping[str, str]] = (),
    visible_to: str = Visible.STAFF,
    editable_by: str = Editable.STAFF,
    sortable: bool = False,
) -> Attribute:
    """A new attribute, behind the others. `choices` are {value, label_en, label_ru}.

    Raises Invalid with every problem, and Taken for a key that there is or was.
    """
    _begin(by)
    values = checked_definition(
        {
            "key": key,
            "label_en": label_en,
            "label_ru": label_ru,
            "kind": kind,
            "help": help,
            "required": required,
            "unique": unique,
            "choices": list(choices),
            "visible_to": visible_to,
            "editable_by": editable_by,
            "sortable": sortable,
        }
    )
    if (db.session.scalar(select(func.count()).select_from(Attribute)) or 0) >= ATTRIBUTES_MAX:
        raise Refused(_("There can be at most %(max)s attributes, deleted ones among them.", max=ATTRIBUTES_MAX))
    attribute = Attribute(**values, position=_last_position() + 1)
    db.session.add(attribute)
    try:
        db.session.flush()
    except IntegrityError as error:
        message = _("There is or was an attribute of this key. Keys are never used again.")
        raise Taken(message, field="key", code="taken") from error
    if attribute.sortable:
        _ask_for_index(attribute, by=by)
    _record(Action.ATTRIBUTE_CREATED, attribute, by=by, changes=difference({}, {"key": key} | told_of(attribute)))
    return attribute


@transaction()
def change_attribute(attribute_id: UUID, *, version: int, by: Actor, **given: Any) -> Attribute:
    """Changes all of a definition but its key; what is left out of `given` stays.

    Raises Stale when it was changed since `version`, and Invalid where people's values stand against it: a type with
    values, a choice that somebody has, values that repeat in what is to be unique.
    """
    _begin(by)
    attribute = _locked(attribute_id)
    if attribute.version != version:
        raise Stale(_("Somebody else changed this attribute while you were editing."))
    before = told_of(attribute)
    after = checked_definition({name: getattr(attribute, name) for name in TOLD} | given, but=attribute_id)
    if problems := value_problems(attribute, after):
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    rekeyed = attribute.unique != after["unique"]
    sorted_before = attribute.sortable and attribute.kind
    for name in TOLD:
        if getattr(attribute, name) != after[name]:
            setattr(attribute, name, after[name])
    changes = difference(before, told_of(attribute))
    if changes:
        if sorted_before != (attribute.sortable and attribute.kind):
            _ask_for_index(attribute, by=by)
        db.session.flush()
        if rekeyed:
            rekey(attribute)
        _record(Action.ATTRIBUTE_UPDATED, attribute, by=by, changes=changes)
    return attribute


@transaction()
def move_attribute(attribute_id: UUID, *, up: bool, by: Actor) -> Attribute:
    """One place up or down among the live ones; the first stays first, and the last last."""
    _begin(by)
    attribute = _locked(attribute_id)
    order = live_attributes()
    place = order.index(attribute)
    there = place - 1 if up else place + 1
    if not 0 <= there < len(order):
        return attribute
    other = order[there]
    attribute.position, other.position = other.position, attribute.position
    changes: Changes = {"position": (str(place + 1), str(there + 1))}
    _record(Action.ATTRIBUTE_UPDATED, attribute, by=by, changes=changes)
    return attribute


@transaction()
def delete_attribute(attribute_id: UUID, *, by: Actor) -> Attribute:
    """Nobody sees it any more; the values stay, and are there again when it is restored. Twice is once."""
    _begin(by)
    attribute = _locked(attribute_id, deleted=True)
    if attribute.deleted_at:
        return attribute
    attribute.deleted_at = now()
    if attribute.sortable:
        _ask_for_index(attribute, by=by)
    _record(Action.ATTRIBUTE_DELETED, attribute, by=by, changes={"key": (attribute.key, None)})
    return attribute


@transaction()
def restore_attribute(attribute_id: UUID, *, by: Actor) -> Attribute:
    """Back, behind the others. Raises Taken when another one is called the same meanwhile. Twice is once."""
    _begin(by)
    attribute = _locked(attribute_id, deleted=True)
    if attribute.deleted_at is None:
        return attribute
    try:
        checked_definition({name: getattr(attribute, name) for name in TOLD}, but=attribute_id)
    except Invalid as error:
        message = _("Another attribute is called the same by now. Rename that one first.")
        raise Taken(message, field="label_en", code="taken") from error
    attribute.position, attribute.deleted_at = _last_position() + 1, None
    if attribute.sortable:
        _ask_for_index(attribute, by=by)
    _record(Action.ATTRIBUTE_RESTORED, attribute, by=by, changes={"key": (None, attribute.key)})
    return attribute


def _begin(by: Actor) -> None:
    """One change of definitions at a time: they must fit each other."""
    check_group(by, Permission.SETTINGS_MANAGE, group_id=None)
    lock("attributes")


def _locked(attribute_id: UUID, *, deleted: bool = False) -> Attribute:
    attribute = db.session.get(Attribute, attribute_id, with_for_update=True, populate_existing=True)
    if attribute is None or (attribute.deleted_at and not deleted):
        raise NotFound(_("There is no such attribute. Somebody may have deleted it."))
    return attribute


def _last_position() -> int:
    return db.session.scalar(select(func.coalesce(func.max(Attribute.position), 0))) or 0


def _ask_for_index(attribute: Attribute, *, by: Actor) -> None:
    """For a job that makes the index or drops it, whichever is right when it runs; until then no list uses it."""
    if attribute.indexed_at:
        attribute.indexed_at = None
    enqueue(INDEX_JOB, by=by, attribute=str(attribute.id), locale=language())


def told_of(attribute: Attribute) -> dict[str, Any]:
    """As the trail tells it, so that it can be put back."""
    values = {name: getattr(attribute, name) for name in TOLD}
    said = {name: "yes" if value else "no" for name, value in values.items() if isinstance(value, bool)}
    return values | said | {"choices": lines_of(attribute.choices)}


def _record(action: Action, attribute: Attribute, *, by: Actor, changes: Changes) -> None:
    record(action, subject=attribute, by=by, kind="attribute", label=attribute.label_en, changes=changes)
