"""The section `attributes`. A key cannot be used again, so a deleted attribute is restored."""

from __future__ import annotations

from functools import partial
from typing import Any

from webapp.attributes.choices import CHOICE_FIELDS
from webapp.attributes.definitions import definition_of
from webapp.attributes.models import Attribute
from webapp.attributes.queries import all_attributes, live_attributes
from webapp.attributes.services import create_attribute, delete_attribute, restore_attribute, update_attribute
from webapp.config_files.file_format import AttributePart, ConfigFile, Section
from webapp.config_files.plan import Outcome, Plan
from webapp.config_files.positions import Path
from webapp.core.permissions import Actor

SECTION = Section.ATTRIBUTES


def export_attributes() -> list[dict[str, Any]]:
    return [_exported(attribute) for attribute in live_attributes()]


def apply_attributes(file: ConfigFile, plan: Plan, by: Actor) -> None:
    items = file.attributes or []
    plan.check_unique(((SECTION, index, "key"), item.key) for index, item in enumerate(items))
    rows = {attribute.key: attribute for attribute in all_attributes()}
    if SECTION in file.complete:
        keys = {item.key for item in items}
        for row in rows.values():
            if row.deleted_at is None and row.key not in keys:
                plan.run(SECTION, row.key, Outcome.DELETE, (SECTION,), partial(delete_attribute, row.id, by=by))
    for index, item in enumerate(items):
        _apply_attribute(item, rows.get(item.key), (SECTION, index), plan, by)


def _apply_attribute(item: AttributePart, row: Attribute | None, path: Path, plan: Plan, by: Actor) -> None:
    given = item.given
    if row is None:
        plan.run(SECTION, item.key, Outcome.CREATE, path, partial(create_attribute, **given, by=by))
        return
    given.pop("key")
    current = _exported(row)
    changed = {name: value for name, value in given.items() if _comparable(value) != current[name]}
    if row.deleted_at:
        plan.run(SECTION, item.key, Outcome.RESTORE, path, partial(_restore, row, changed, by))
    elif changed:
        change = partial(update_attribute, row.id, version=None, by=by, **changed)
        plan.run(SECTION, item.key, Outcome.CHANGE, path, change)
    else:
        plan.keep(SECTION, item.key)


def _restore(row: Attribute, changed: Any, by: Actor) -> Attribute:
    restore_attribute(row.id, by=by)
    return update_attribute(row.id, version=None, by=by, **changed)


def _exported(attribute: Attribute) -> dict[str, Any]:
    definition: dict[str, Any] = {"key": attribute.key, **definition_of(attribute)}
    plain = {name: str(value) if isinstance(value, str) else value for name, value in definition.items()}
    return plain | {"choices": _comparable(definition["choices"])}


def _comparable(value: Any) -> Any:
    """Return choices as they are stored: the label of a choice without one is its value."""
    if not isinstance(value, list):
        return value
    return [{name: choice.get(name) or choice["value"] for name in CHOICE_FIELDS} for choice in value]
