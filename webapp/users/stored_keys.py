"""Recomputes the stored keys of people, because another version of Rollcall may compute them in another way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Connection, Row, Uuid, bindparam, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

from webapp.attributes.values import sort_values
from webapp.core.text import fold_text
from webapp.users.identity import IDENTITY_LINES, search_text
from webapp.users.models import NAME_MAX

# A migration uses this module. The table has only these columns, so that it also fits earlier and later versions.
_VALUES = JSON().with_variant(JSONB(), "postgresql")
_USERS = table(
    "users",
    column("id", Uuid()),
    column("version"),
    *map(column, ("name", "email", "username", "name_key", "search_text")),
    column("attributes", _VALUES),
    column("attributes_sort", _VALUES),
)
_KEYS = ("name_key", "search_text", "attributes_sort")
# A change of the person since the row was read made the keys itself.
_UPDATE = (
    _USERS.update()
    .where(
        _USERS.c.id == bindparam("row_id"),
        _USERS.c.version == bindparam("row_version"),
        _USERS.c.search_text == bindparam("row_text"),
    )
    .values({name: bindparam(name, type_=_USERS.c[name].type) for name in _KEYS})
)


def recompute_keys(connection: Connection, *, after: UUID | None, limit: int) -> tuple[UUID | None, int]:
    """Recompute the keys of the next `limit` people by ID. Return the last ID, or None at the end, and their number.

    Only rows whose keys differ are written. Version and time of the last change stay the same.
    """
    query = select(_USERS).order_by(_USERS.c.id).limit(limit)
    rows = connection.execute(query if after is None else query.where(_USERS.c.id > after)).all()
    changed = [
        {"row_id": row.id, "row_version": row.version, "row_text": row.search_text, **keys}
        for row in rows
        if (keys := _keys(row)) != {name: getattr(row, name) for name in _KEYS}
    ]
    if changed:
        connection.execute(_UPDATE, changed)
    return (rows[-1].id if len(rows) == limit else None), len(rows)


def _keys(row: Row[Any]) -> dict[str, Any]:
    name = fold_text(row.name)
    former = map(fold_text, row.search_text.split("\n")[IDENTITY_LINES:])
    return {
        "name_key": name[:NAME_MAX],
        "search_text": search_text(name, fold_text(row.email), fold_text(row.username or ""), *dict.fromkeys(former)),
        "attributes_sort": sort_values(row.attributes),
    }
