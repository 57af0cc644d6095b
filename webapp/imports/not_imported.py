"""The rows that were not imported as a CSV file, which people can correct and import again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from webapp.access.models import Group, Role
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.queries import live_attributes
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _
from webapp.db.session import db
from webapp.imports.models import NOT_IMPORTED, Import, ImportRow, attribute_of_key
from webapp.users.models import User

ROWS_READ = 500
_FIELDS = ("email", "name", "username", "id", "status", "roles", "groups", "starts_at", "ends_at", "manager", "locale",
           "timezone")  # fmt: skip


def not_imported_csv(imported: Import) -> Iterator[str]:
    """Yield the file in parts. Passwords are not in it: they are in no plan."""
    fields = [*_FIELDS, *(attribute.field_name for attribute in live_attributes())]
    names = _names_by_id()
    yield BOM + csv_text([[*fields, str(_("Row")), str(_("Reason"))]])
    after: int | None = 0
    while after is not None:
        rows = _next_rows(imported, after)
        after = rows[-1].number if rows else None
        yield csv_text([_cells(row, imported.key_field, fields, names) for row in rows]) if rows else ""


def _names_by_id() -> dict[str, str]:
    """Return the names of all roles and groups."""
    rows = [row for model in (Role, Group) for row in db.session.execute(select(model.id, model.name))]
    return {str(row.id): row.name for row in rows}


def _next_rows(imported: Import, after: int) -> list[Any]:
    columns = (ImportRow.number, ImportRow.values, ImportRow.manager, ImportRow.message, User)
    query = select(*columns).outerjoin(User, User.id == ImportRow.user_id)
    query = query.where(
        ImportRow.import_id == imported.id, ImportRow.outcome.in_(NOT_IMPORTED), ImportRow.number > after
    )
    return list(db.session.execute(query.order_by(ImportRow.number).limit(ROWS_READ)))


def _cells(row: Any, key_field: str, fields: Sequence[str], names: Mapping[str, str]) -> list[str]:
    values = dict(row.values or {})
    values |= {FIELD_PREFIX + key: text for key, text in (values.get("attributes") or {}).items()}
    if values.get("deactivated"):
        values["status"] = "deactivated"
    if row.manager:
        values["manager"] = row.manager
    if row.User:
        # The plan of a change has only the fields that differ. The key finds the person again.
        values = _key_of(row.User, key_field) | values
    return [*(_text(values.get(field), names) for field in fields), str(row.number), row.message or ""]


def _key_of(user: User, key_field: str) -> dict[str, str]:
    """Return the field by which the rows are matched, with the value that the person has now."""
    if key := attribute_of_key(key_field):
        return {FIELD_PREFIX + key: str(user.attributes.get(key, ""))}
    return {key_field: str(getattr(user, key_field) or "")}


def _text(value: Any, names: Mapping[str, str]) -> str:
    """Return a cell. Roles and groups of a planned row are ids, a role with its scope; others are names."""
    if not isinstance(value, list):
        return str(value or "")
    parts = ([each] if isinstance(each, str) else each for each in value)
    return ", ".join(" · ".join(names.get(part, part) for part in each if part) for each in parts)
