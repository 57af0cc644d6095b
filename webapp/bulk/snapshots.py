"""The snapshot: one statement stores the ids of the people that a bulk change is about."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, String, Uuid, cast, func, insert, literal, select, text

from webapp.bulk.models import BulkItem
from webapp.db.session import db
from webapp.db.watchdog import TIME_LIMIT
from webapp.users.models import User

# A snapshot of a million people takes some seconds.
SNAPSHOT_SECONDS = 25


def store_snapshot(bulk_id: UUID, people: Select[User]) -> int:
    """Insert an item for each person that `people` finds, numbered by name. Return how many."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = {SNAPSHOT_SECONDS * 1000}"))
    found = people.with_only_columns(User.id, User.name_key).order_by(None).subquery()
    number = func.row_number().over(order_by=(found.c.name_key, found.c.id))
    rows = select(literal(bulk_id, Uuid()), number, found.c.id, cast(None, String))
    statement = insert(BulkItem).from_select(["bulk_id", "number", "user_id", "outcome"], rows, include_defaults=False)
    statement = statement.execution_options(**{TIME_LIMIT: SNAPSHOT_SECONDS})
    return int(db.session.connection().execute(statement).rowcount)
