"""Inserts a crowd into SQLite, on a connection of the driver.

Raw SQL, because the objects of SQLAlchemy would take most of the time, and it has no expression for schema objects.
"""

from __future__ import annotations

from typing import Any

from webapp.audit.chain import Row
from webapp.audit.writing import with_json_fields
from webapp.db.rebuild import drop_sqlite_indexes
from webapp.demo.crowd import BATCH_SIZE, Crowd
from webapp.demo.tables import TABLES, Progress
from webapp.demo.trails import head_row

# The work of the dropped triggers of `users`, for all rows at once. The owner has entry 1 and is in the index already.
# Plan: one scan of `users` each.
_ADD_SEARCH_IDS = (
    "INSERT INTO users_search_ids_sqlite (user_id)"
    " SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM users_search_ids_sqlite)"
)
_ADD_SEARCH_TEXTS = (
    "INSERT INTO users_search_sqlite (rowid, search_text)"
    " SELECT entry, search_text FROM users JOIN users_search_ids_sqlite ON user_id = id WHERE entry > 1"
)


def fill_sqlite(connection: Any, crowd: Crowd, progress: Progress, *, bulk: bool) -> None:
    """`bulk`: drop indexes and triggers, and create them again at the end."""
    dropped = drop_sqlite_indexes(connection, TABLES, kinds=("index", "trigger")) if bulk else []
    for batch in crowd.batches:
        _insert_batch(connection, crowd, batch)
        progress("people", min((batch + 1) * BATCH_SIZE, crowd.count))
    if dropped:
        progress("search index", crowd.count)
        connection.execute(_ADD_SEARCH_IDS)
        connection.execute(_ADD_SEARCH_TEXTS)
    for name, statement in dropped:
        progress(name, crowd.count)
        connection.execute(statement)


def _insert_batch(connection: Any, crowd: Crowd, batch: int) -> None:
    chain = crowd.chain(batch)
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for user, trail in crowd.rows(batch, chain):
        rows["users"].append(user)
        rows["audit_records"] += [with_json_fields(record) for record, _details in trail]
        rows["audit_details"] += [details for _record, details in trail]
    if chain.seq:
        rows["audit_heads"].append(head_row(chain))
    for table, columns in TABLES.items():
        values = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", rows[table])  # noqa: S608  constants
