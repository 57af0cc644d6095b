"""Flattens a record of JSON to fields with one name each, whichever system wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from webapp.core.foreign_hashes import from_keycloak
from webapp.imports.files.records import Cell, Exact

DEPTH_MAX = 4
FIELDS_MAX = 1000
# Lists whose objects are several values, and not one value with details.
_NAMED_LISTS = frozenset({"groups", "roles", "realmroles", "memberof", "teams"})
_NAME_KEYS = ("display", "displayName", "name", "value", "label", "id")
HASH_FIELD = "password_hash"


def flat_fields(record: Mapping[str, Any]) -> dict[str, Cell]:
    """Return path → cell, for example `name.givenName`. Of a list of objects, the primary or first one counts."""
    fields: dict[str, Cell] = {}
    credentials = record.get("credentials")
    if isinstance(credentials, list) and (password_hash := _keycloak_hash(credentials)):
        fields[HASH_FIELD] = password_hash
    _flatten(record, "", fields, 0)
    return fields


def _flatten(value: Any, path: str, fields: dict[str, Cell], depth: int) -> None:
    if len(fields) >= FIELDS_MAX or path == "credentials":
        return
    if isinstance(value, dict) and depth < DEPTH_MAX:
        for name, part in value.items():
            # Names of SCIM extensions contain dots.
            _flatten(part, f"{path}.{name}" if path else str(name), fields, depth + 1)
    elif isinstance(value, list):
        _flatten_list(value, path, fields, depth)
    else:
        fields.setdefault(path, to_cell(value))


def _flatten_list(values: list[Any], path: str, fields: dict[str, Cell], depth: int) -> None:
    objects = [value for value in values if isinstance(value, dict)]
    is_named = path.rpartition(".")[2].casefold() in _NAMED_LISTS
    if not objects:
        cells = [str(to_cell(value)) for value in values if not isinstance(value, list | dict) and value is not None]
        fields.setdefault(path, cells[0] if len(cells) == 1 and not is_named else tuple(cells))
    elif is_named:
        fields.setdefault(path, tuple(name for each in objects if (name := _name_of(each))))
    else:
        _flatten(next((each for each in objects if each.get("primary") is True), objects[0]), path, fields, depth)


def _name_of(value: Mapping[str, Any]) -> str:
    return next((str(value[key]) for key in _NAME_KEYS if value.get(key)), "")


def to_cell(value: Any) -> Cell:
    """Return the value as text. JSON states the type of numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return Exact(f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 40 else str(value))
    if isinstance(value, int | float):
        return Exact(value)
    return value if isinstance(value, str) else json.dumps(value, default=str)[:1000]


def _keycloak_hash(credentials: list[Any]) -> str | None:
    passwords = (each for each in credentials if isinstance(each, dict) and each.get("type") == "password")
    return next((found for each in passwords if (found := from_keycloak(each))), None)
