"""Count and delete the rows of all tables in few statements, because each test does it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects import postgresql

import webapp.packages  # noqa: F401  the tables of all packages
from webapp.access.models import BUILT_IN, Role
from webapp.db.session import db

# One column for each table, with its name.
COUNTS = select(
    *(
        select(func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in db.metadata.sorted_tables
    )
)
PREPARE = text(f"PREPARE count_rows AS {COUNTS.compile(dialect=postgresql.dialect())}")


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    if connection.dialect.name != "postgresql":
        return dict(connection.execute(COUNTS).mappings().one())
    # PostgreSQL needs 5 ms to plan this query.
    if "count_rows" not in connection.info:
        connection.execute(PREPARE)
        connection.info["count_rows"] = "prepared"
    return dict(connection.execute(text("EXECUTE count_rows")).mappings().one())


def delete_rows(connection: Connection) -> None:
    """Delete all rows, except the built-in roles, which a migration creates."""
    counts = count_rows(connection)
    children_first = [table for table in reversed(db.metadata.sorted_tables) if counts[table.name]]
    deletes = [f"DELETE FROM {table.name}" for table in children_first if table.name != "roles"]
    if connection.dialect.name == "postgresql":
        connection.execute(text("; ".join(["SET LOCAL statement_timeout = 0", *deletes])))
    else:
        for delete in deletes:
            connection.execute(text(delete))
    if counts["roles"] > len(BUILT_IN):
        connection.execute(Role.__table__.delete().where(Role.id.not_in(BUILT_IN)))
