"""Search on PostgreSQL: a GIN index of trigrams on `users.search_text` (pg_trgm)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select
from sqlalchemy.dialects import postgresql

from webapp.directory.name_matching import Alternatives
from webapp.users.models import Status, User

# An INSERT that can also update the row that is already there.
INSERT = postgresql.insert
# The collation of keys, and the function that returns the position of a text in another text.
COLLATION, POSITION = 'COLLATE "C"', "strpos"
# The matches with each first word of a skip scan. LATERAL and LIMIT bound what is read for one first word.
SKIP_SCAN_ROWS = """
SELECT found.id, found.sort_key FROM first_words CROSS JOIN LATERAL (
    SELECT users.id, {key} AS sort_key FROM users
    WHERE {has_status} AND {matches} ORDER BY {key} {direction}, users.id {direction} LIMIT {limit}
) AS found"""


def status_sql(status: Status | None) -> str:
    """Return the condition for this status, or for everyone outside the bin, in the form that sort indexes support."""
    if status in {None, Status.ACTIVE}:
        return "users.deleted_at IS NULL" + (" AND users.status = 'active'" if status else "")
    return f"users.status = '{status}'"


def unindexed_status_sql(status: Status | None) -> str:
    """Return the same condition in a form that no sort index supports, so that another index is used."""
    return f"users.status = '{status}'" if status else "users.status <> 'deleted'"


def contains_texts(texts: Sequence[Alternatives]) -> ColumnElement[bool]:
    """Return the condition for the text index: `search_text` matches one alternative of each element."""

    def contains(text: str) -> ColumnElement[bool]:
        return User.search_text.contains(text, autoescape=True)

    return and_(*(or_(*(and_(*map(contains, all_of)) for all_of in any_of)) for any_of in texts))


def materialized(matches: Select[Any]) -> Select[Any]:
    """Return the matches in a form that PostgreSQL plans without the outer LIMIT.

    With LIMIT 1001 it can choose a sequential scan, which reads the whole table if the matches are at its end.
    """
    return select(literal_column("*")).select_from(matches.cte("found").prefix_with("MATERIALIZED"))


def sort_like_subquery(query: Select[Any], keys: Sequence[Any]) -> Select[Any]:
    """Sort `query`, which selects from a sorted subquery, like the subquery."""
    return query.order_by(*keys)
