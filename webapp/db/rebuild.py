"""Drops indexes before many rows are inserted, and gives the statements that create them again.

Creating an index at the end takes a fraction of the time of updating it for each row. Raw SQL on a connection of the
driver, because SQLAlchemy has no expression for the definitions in the catalogue: indexes that an administrator added
are created again, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Dropped = list[tuple[str, str]]


def drop_postgresql_indexes(cursor: Any, tables: Iterable[str]) -> Dropped:
    """Drop all indexes and unique constraints except primary keys. Return name and statement of each."""
    dropped = []
    for table in tables:
        dropped += _drop_constraints(cursor, table, "u")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary ORDER BY 1",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            dropped.append((name, definition))
    return dropped


def drop_foreign_keys(cursor: Any, tables: Iterable[str]) -> Dropped:
    """Do the same for foreign keys. PostgreSQL would look up the other row for each inserted one."""
    return [each for table in tables for each in _drop_constraints(cursor, table, "f")]


def _drop_constraints(cursor: Any, table: str, kind: str) -> Dropped:
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = %s ORDER BY 1",
        [table, kind],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    return [(name, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}') for name, definition in found]


def drop_sqlite_indexes(connection: Any, tables: Iterable[str], *, kinds: Iterable[str] = ("index",)) -> Dropped:
    """Drop the indexes of these tables, or other `kinds` of objects: "trigger". Return name and statement of each."""
    names, types = list(tables), list(kinds)
    marks = [", ".join("?" * len(each)) for each in (types, names)]
    condition = f"sql IS NOT NULL AND type IN ({marks[0]}) AND tbl_name IN ({marks[1]})"
    query = f"SELECT type, name, sql FROM sqlite_master WHERE {condition}"  # noqa: S608  question marks only
    found = connection.execute(query, [*types, *names]).fetchall()
    for kind, name, _sql in found:
        connection.execute(f"DROP {kind} {name}")
    return [(name, sql) for _kind, name, sql in found]
