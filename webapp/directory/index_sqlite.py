"""Search on SQLite: an FTS5 table of trigrams, and a table of the user ids of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, and_, column, table

from webapp.lists.order import unindexed
from webapp.users.models import Status, User

COLLATION, POSITION = "", "instr"
SKIP_SCAN_ROWS = "SELECT users.id, {key} AS sort_key FROM heads JOIN users ON {listed} AND {behind}"

_IDS = table("users_search_ids_sqlite", column("entry"), column("user_id", Uuid()))
_INDEX = table("users_search_sqlite", column("rowid"), column("users_search_sqlite"))
# SQLite takes every status for selective: without this it sorts all active people by the index of the status.
_ACTIVE = "likelihood(coalesce(users.status, users.status) = 'active', 0.9)"


def listed(status: Status | None) -> str:
    if status in {None, Status.ACTIVE}:
        return "users.deleted_at IS NULL" + (f" AND {_ACTIVE}" if status else "")
    # The partial indexes of people who are not active say so; SQLite does not infer it.
    return f"users.status = '{status}' AND users.status <> 'active'"


def narrowed(status: Status | None) -> str:
    if status == Status.ACTIVE:
        return _ACTIVE
    return listed(status) if status else "users.status <> 'deleted'"


def contain(texts: Sequence[Sequence[Sequence[str]]]) -> ColumnElement[bool]:
    # A join: of `id IN (…)` SQLite makes the whole list before it reads the first row.
    ids, index = _IDS.alias(), _INDEX.alias()
    query = _join("AND", (_join("OR", (_join("AND", map(_quoted, each)) for each in any_of)) for any_of in texts))
    match = index.c.users_search_sqlite.op("MATCH")(query)
    return and_(User.id == unindexed(ids.c.user_id), ids.c.entry == index.c.rowid, match)


def materialized(matches: Select[Any]) -> Select[Any]:
    return matches


def sorted_like_scan(query: Select[Any], _keys: Sequence[Any]) -> Select[Any]:
    # The rows come in the subquery's order. With ORDER BY, SQLite reads all of the subquery to sort it once more.
    return query


def _join(operator: str, parts: Iterable[str]) -> str:
    return "(" + f" {operator} ".join(parts) + ")"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
