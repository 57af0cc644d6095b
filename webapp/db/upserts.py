"""INSERT with a clause for rows that exist already (`ON CONFLICT`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from webapp.db.session import db


def insert_into(model: type[Any]) -> Any:
    """Return an INSERT with the methods `on_conflict_do_nothing` and `on_conflict_do_update` of this engine."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(model.__table__)
