"""Search on PostgreSQL: a GIN index of trigrams on `users.search_text` (pg_trgm)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal_column, or_, select

from webapp.users.models import Status, User

# Alternatives, one of which must hold: texts that `search_text` must all contain. Each text has a trigram.
Alternatives = Sequence[Sequence[str]]

# The collation of keys, and the function that finds a text in another one.
COLLATION, POSITION = 'COLLATE "C"', "strpos"
# The rows behind each head of a skip scan. Without LATERAL and LIMIT, a head with 20,000 rows is read whole.
SKIP_SCAN_ROWS = """
SELECT behind.id, behind.sort_key FROM heads CROSS JOIN LATERAL (
    SELECT users.id, {key} AS sort_key FROM users
    WHERE {listed} AND {behind} ORDER BY {key} {direction}, users.id {direction} LIMIT {limit}
) AS behind"""


def listed(status: Status | None) -> str:
    """The condition for this status, or for everyone outside the bin: every order's index holds it."""
    if status in {None, Status.ACTIVE}:
        return "users.deleted_at IS NULL" + (" AND users.status = 'active'" if status else "")
    return f"users.status = '{status}'"


def narrowed(status: Status | None) -> str:
    """The same condition, in a form that no order's index serves, for rows that another index finds."""
    return f"users.status = '{status}'" if status else "users.status <> 'deleted'"


def contain(texts: Sequence[Alternatives]) -> ColumnElement[bool]:
    """By the text index: of each element one alternative holds."""

    def contains(text: str) -> ColumnElement[bool]:
        return User.search_text.contains(text, autoescape=True)

    return and_(*(or_(*(and_(*map(contains, all_of)) for all_of in any_of)) for any_of in texts))


def materialized(matches: Select[Any]) -> Select[Any]:
    """The matches of a text, planned without regard to a limit.

    Planned for a thousand rows, PostgreSQL reads the table from its start: all of it if the matches are at its end.
    """
    return select(literal_column("*")).select_from(matches.cte("found").prefix_with("MATERIALIZED"))


def sorted_like_scan(query: Select[Any], keys: Sequence[Any]) -> Select[Any]:
    """`query`, which selects from a sorted subquery, in the order of the subquery."""
    return query.order_by(*keys)
