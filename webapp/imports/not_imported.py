"""The rows that were not imported as a CSV file, which people can correct and import again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from webapp.access.models import Group, Role
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.queries import live_attributes
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.models import NOT_IMPORTED, Import, ImportRow

ROWS_READ = 500
_FIELDS = ("email", "name", "username", "id", "status", "roles", "groups", "starts_at", "ends_at", "manager", "locale",
           "timezone")  # fmt: skip


def not_imported_csv(imported: Import) -> Iterator[str]:
    """Yield the file in parts. Passwords are not in it: they are in no plan."""
    attributes = [attribute.key for attribute in live_attributes()]
    names = _names_by_id()
    headings = [*_FIELDS, *(FIELD_PREFIX + key for key in attributes), str(_("Row")), str(_("Reason"))]
    yield BOM + csv_text([headings])
    after: int | None = 0
    while after is not None:
        rows = _next_rows(imported, after)
        after = rows[-1].number if rows else None
        yield csv_text([_cells(row, attributes, names) for row in rows]) if rows else ""


def _names_by_id() -> dict[str, str]:
    """Return the names of all roles and groups."""
    rows = [row for model in (Role, Group) for row in db.session.execute(select(model.id, model.name))]
    return {str(row.id): row.name for row in rows}


def _next_rows(imported: Import, after: int) -> list[Any]:
    query = select(ImportRow.number, ImportRow.label, ImportRow.values, ImportRow.message).where(
        ImportRow.import_id == imported.id, ImportRow.outcome.in_(NOT_IMPORTED), ImportRow.number > after
    )
    return list(db.session.execute(query.order_by(ImportRow.number).limit(ROWS_READ)))


def _cells(row: Any, attributes: list[str], names: Mapping[str, str]) -> list[str]:
    values = row.values or {}
    if values.get("deactivated"):
        values = values | {"status": "deactivated"}
    own = [_text(values.get(field), names) for field in _FIELDS]
    texts = values.get("attributes") or {}
    return [*own, *(str(texts.get(key) or "") for key in attributes), str(row.number), row.message or ""]


def _text(value: Any, names: Mapping[str, str]) -> str:
    """Return a cell. Roles and groups of a planned row are ids, a role with its scope; others are names."""
    if not isinstance(value, list):
        return str(value or "")
    parts = ([each] if isinstance(each, str) else each for each in value)
    return ", ".join(" · ".join(names.get(part, part) for part in each if part) for each in parts)
