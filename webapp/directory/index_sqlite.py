"""Search on SQLite: an FTS5 table of trigrams, and a table with the user ID of each FTS5 row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, and_, column, table
from sqlalchemy.dialects import sqlite

from webapp.directory.name_matching import Alternatives
from webapp.lists.order import unindexed
from webapp.users.models import Status, User

INSERT = sqlite.insert
COLLATION, POSITION = "", "instr"
SKIP_SCAN_ROWS = "SELECT users.id, {key} AS sort_key FROM first_words JOIN users ON {has_status} AND {matches}"

_IDS = table("users_search_ids_sqlite", column("entry"), column("user_id", Uuid()))
_INDEX = table("users_search_sqlite", column("rowid"), column("users_search_sqlite"))
# SQLite assumes that each status is selective. Without this hint it finds active people by status and sorts them all.
_ACTIVE = "likelihood(coalesce(users.status, users.status) = 'active', 0.9)"


def status_sql(status: Status | None) -> str:
    if status in {None, Status.ACTIVE}:
        return "users.deleted_at IS NULL" + (f" AND {_ACTIVE}" if status else "")
    # The partial indexes have the condition "not active", which SQLite does not infer.
    return f"users.status = '{status}' AND users.status <> 'active'"


def unindexed_status_sql(status: Status | None) -> str:
    if status == Status.ACTIVE:
        return _ACTIVE
    return status_sql(status) if status else "users.status <> 'deleted'"


def contains_texts(texts: Sequence[Alternatives]) -> ColumnElement[bool]:
    # A join, because SQLite computes the whole list of `id IN (…)` before it returns the first row.
    ids, index = _IDS.alias(), _INDEX.alias()
    query = _join("AND", (_join("OR", (_join("AND", map(_quoted, each)) for each in any_of)) for any_of in texts))
    match = index.c.users_search_sqlite.op("MATCH")(query)
    return and_(User.id == unindexed(ids.c.user_id), ids.c.entry == index.c.rowid, match)


def materialized(matches: Select[Any]) -> Select[Any]:
    return matches


def sort_like_subquery(query: Select[Any], _keys: Sequence[Any]) -> Select[Any]:
    # The rows keep the subquery's order. With ORDER BY, SQLite would read the whole subquery and sort it again.
    return query


def _join(operator: str, parts: Iterable[str]) -> str:
    return "(" + f" {operator} ".join(parts) + ")"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
