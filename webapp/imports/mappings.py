"""Mappings that people save by name. They are suggested for the next file with the same headings."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select

from webapp.audit.actions import Action
from webapp.audit.services import Changes, difference, record
from webapp.core.clock import now
from webapp.core.errors import Invalid, Taken
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.text import caseless_key, clean_text
from webapp.core.texts import _, pgettext
from webapp.db.constraints import translate_constraints
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.db.types import compact_json
from webapp.imports.checks import check_may_import
from webapp.imports.creating import headings_key
from webapp.imports.files.info import FileInfo
from webapp.imports.models import MAPPING_NAME_MAX, SavedMapping
from webapp.imports.options import Options
from webapp.imports.queries import mapping_not_found

KIND = "import_mapping"
# In the record of a deletion, so that it can be undone: what the mapping does, in JSON.
_KEPT = ("headings_key", "mapping", "options")


@transaction()
def save_mapping(name: str, info: FileInfo, options: Options, *, by: Actor) -> SavedMapping:
    """Save the options under a name. An earlier mapping with this name is replaced.

    Raise Invalid, or Taken if another person saves this name at the same moment.
    """
    check_may_import(by)
    name = _checked_name(name, field="save_as")
    key = caseless_key(name)
    saved = db.session.scalars(select(SavedMapping).where(SavedMapping.name_key == key).with_for_update()).first()
    before = audited_mapping(saved) if saved else {}
    if saved is None:
        saved = SavedMapping(id=new_id(), name_key=key)
        db.session.add(saved)
    saved.name, saved.headings_key, saved.saved_at, saved.saved_by_id = name, headings_key(info), now(), by.id
    saved.mapping = options.mapping.to_json()
    saved.options = {"mode": options.mode.value, "key_field": options.key_field, "threshold": options.threshold}
    _flush(field="save_as")
    changes = difference(before, audited_mapping(saved))
    if changes:
        _record(Action.MAPPING_UPDATED if before else Action.MAPPING_CREATED, saved, changes, by=by)
    return saved


@transaction()
def rename_mapping(mapping_id: UUID, *, name: str, by: Actor) -> SavedMapping:
    """Raise Invalid, Taken or NotFound."""
    saved = _locked(mapping_id, by=by)
    before = audited_mapping(saved)
    saved.name = _checked_name(name, field="name")
    saved.name_key = caseless_key(saved.name)
    _flush()
    if changes := difference(before, audited_mapping(saved)):
        _record(Action.MAPPING_UPDATED, saved, changes, by=by)
    return saved


@transaction()
def delete_mapping(mapping_id: UUID, *, by: Actor) -> SavedMapping:
    """Suggest this mapping for no more files. Imports that used it stay as they are. Raise NotFound."""
    saved = _locked(mapping_id, by=by)
    _record(Action.MAPPING_DELETED, saved, difference(audited_mapping(saved), dict.fromkeys(_FIELDS)), by=by)
    db.session.delete(saved)
    return saved


@transaction()
def restore_mapping(mapping_id: UUID, audited: dict[str, Any], *, by: Actor) -> SavedMapping:
    """Create a deleted mapping again, under its old ID. `audited` is from `audited_mapping`. Raise Taken."""
    check_may_import(by)
    saved = SavedMapping(id=mapping_id, saved_by_id=by.id, **json.loads(audited["mapping_settings"]))
    saved.name, saved.name_key = audited["name"], caseless_key(audited["name"])
    db.session.add(saved)
    _flush()
    _record(Action.MAPPING_RESTORED, saved, difference({}, audited_mapping(saved)), by=by)
    return saved


_FIELDS = ("name", "mapping_settings")


def audited_mapping(saved: SavedMapping) -> dict[str, str]:
    """Return the fields that the audit trail keeps."""
    settings = {name: getattr(saved, name) for name in _KEPT}
    return {"name": saved.name, "mapping_settings": compact_json(settings)}


def _locked(mapping_id: UUID, *, by: Actor) -> SavedMapping:
    check_may_import(by)
    saved = db.session.get(SavedMapping, mapping_id, with_for_update=True, populate_existing=True)
    if saved is None:
        raise mapping_not_found()
    return saved


def _checked_name(text: str, *, field: str) -> str:
    name = clean_text(text, field=field)
    if not name or len(name) > MAPPING_NAME_MAX:
        message = pgettext("of a thing", "Enter a name of at most %(max)s characters", max=MAPPING_NAME_MAX)
        raise Invalid(message, field=field, code="length")
    return name


def _flush(*, field: str = "name") -> None:
    taken = Taken(_("Other saved settings have this name"), field=field, code="taken")
    with translate_constraints({"uq_import_mappings_name_key": taken}):
        db.session.flush()


def _record(action: Action, saved: SavedMapping, changes: Changes, *, by: Actor) -> None:
    record(action, subject=saved, by=by, kind=KIND, changes=changes)
