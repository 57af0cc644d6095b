"""The people of a JSON file: lists of any system, Django's dumpdata, a Keycloak realm, JSON lines."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import islice
from typing import IO, Any

from webapp.core.texts import _
from webapp.imports.files.info import FileInfo
from webapp.imports.files.json_fields import flat_fields
from webapp.imports.files.json_stream import LINES, Damaged, find_list, objects
from webapp.imports.files.layout import Layout
from webapp.imports.files.mapping import COLUMNS_MAX
from webapp.imports.files.records import Cell, Record

# Fields that only later records have are not read.
RECORDS_SEEN = 1000


def find_layout(file: IO[bytes], encoding: str) -> Layout:
    """Return the path of the list of people and its fields. Raise Invalid."""
    path = find_list(file, encoding)
    names: dict[str, None] = {}
    for _number, record in islice(objects(file, encoding, path), RECORDS_SEEN):
        if (fields := _fields_of(record)) is not None:
            names |= dict.fromkeys(fields)
    container = "jsonl" if path == LINES else "json"
    return Layout(container, tuple(name for name in islice(names, COLUMNS_MAX)), part=path)


def records(file: IO[bytes], info: FileInfo) -> Generator[Record]:
    """Yield the people. Records of other kinds in Django's dumpdata are left out."""
    for number, record in objects(file, info.encoding, info.part):
        if isinstance(record, Damaged):
            yield Record(number, problem=str(record))
        elif not isinstance(record, dict):
            yield Record(number, problem=str(_("The record is not an object")))
        elif (fields := _fields_of(record)) is not None:
            yield Record(number, [fields.get(heading) for heading in info.headings])


def _fields_of(record: Any) -> Mapping[str, Cell] | None:
    """Return the fields of a person, or None."""
    if not isinstance(record, dict):
        return None
    fields = record.get("fields")
    if "model" in record and isinstance(fields, dict):
        is_user = "password" in fields and not {"username", "email"}.isdisjoint(fields)
        return _django_fields(fields) if is_user else None
    return flat_fields(record)


def _django_fields(fields: Mapping[str, Any]) -> dict[str, Cell]:
    """Django's password is always a hash. Keys of other records mean nothing here."""
    flat = flat_fields({name: value for name, value in fields.items() if name not in {"groups", "user_permissions"}})
    return {"password_hash" if name == "password" else name: value for name, value in flat.items()}
