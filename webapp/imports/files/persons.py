"""Makes people from records and a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from webapp.attributes.models import FIELD_PREFIX
from webapp.imports.files.info import FileInfo
from webapp.imports.files.mapping import Mapping
from webapp.imports.files.records import Record
from webapp.imports.rows import PersonRow


def person_rows(records: Iterable[Record], info: FileInfo, mapping: Mapping) -> Iterator[PersonRow]:
    for record in records:
        yield _row(record, mapping)


def _row(record: Record, mapping: Mapping) -> PersonRow:
    values: dict[str, Any] = dict(mapping.constants)
    for column, cell in zip(mapping.columns, record.cells, strict=False):
        if isinstance(cell, str) and not (column.fallback and values.get(column.target)):
            values[column.target] = cell.strip()
    parts = [values.get(part, "") for part in ("given_name", "middle_name", "family_name")]
    name = values.get("name") or " ".join(part for part in parts if part)
    attributes = {
        target.removeprefix(FIELD_PREFIX): value for target, value in values.items() if target.startswith(FIELD_PREFIX)
    }
    problems = (record.problem,) if record.problem else ()
    return PersonRow(
        record.number, values.get("email"), values.get("username"), name, attributes=attributes, problems=problems
    )
