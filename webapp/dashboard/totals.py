"""Queries of how many people there are, by status and by role.

Up to COUNTED_LIVE people are counted at each request. Larger numbers come from the table `figures`, which the job
`totals.refresh` updates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, text

from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.types import Instant
from webapp.lists.count import counted
from webapp.users.models import Status, User

COUNTED_LIVE = 20_000


class RoleShare(NamedTuple):
    """`people` are active and hold the role themselves. Roles with equally many people have the same rank."""

    rank: int
    role: str
    people: int


@dataclass(frozen=True)
class Totals:
    """People by status. `at` is None if they were counted just now. Unless `exact`, there may be more of each."""

    active: int = 0
    invited: int = 0
    deactivated: int = 0
    total: int = 0
    at: datetime | None = None
    exact: bool = True


# Raw SQL, because MATERIALIZED and the two alternatives are easier to read than as SQLAlchemy expressions. Both engines
# run the same text. Plan on both: `few` is read once, by a scan that stops after COUNTED_LIVE + 1 rows. Only one of the
# two parts of `people` returns rows.
_PEOPLE = """
WITH few AS MATERIALIZED ({rows} LIMIT :too_many),
people AS (
    SELECT kind, count(*) AS people, NULL AS at FROM few
    WHERE (SELECT count(*) FROM few) < :too_many GROUP BY kind
    UNION ALL
    SELECT substr(name, length(:prefix) + 1), value, at FROM figures
    WHERE substr(name, 1, length(:prefix)) = :prefix AND (SELECT count(*) FROM few) = :too_many
)
"""
_ROLE_ROWS = (
    "SELECT DISTINCT CAST(role_id AS TEXT) AS kind, user_id FROM role_grants WHERE user_id IS NOT NULL"
    " AND starts_at <= :moment AND (ends_at IS NULL OR ends_at > :moment)"
    " AND EXISTS (SELECT 1 FROM users WHERE users.id = user_id AND status = 'active')"
)
_RANKED = """
SELECT RANK() OVER (ORDER BY people DESC) AS rank, name AS role, people
FROM people JOIN roles ON CAST(roles.id AS TEXT) = kind ORDER BY rank, role
"""
_ROLES = _PEOPLE.format(rows=_ROLE_ROWS) + _RANKED
_STATUS_ROWS = "SELECT status AS kind FROM users WHERE status <> 'deleted'"
_TOTALS = _PEOPLE.format(rows=_STATUS_ROWS) + "SELECT kind, people, at FROM people"  # noqa: S608  constants


def list_role_shares() -> list[RoleShare]:
    """Return the roles by number of people, largest first. Empty if there are many people and no count yet."""
    parameters = {"too_many": COUNTED_LIVE + 1, "prefix": "people.role."}
    query = text(_ROLES).bindparams(bindparam("moment", now(), Instant))
    return [RoleShare(*row) for row in db.session.execute(query, parameters)]


def get_totals() -> Totals:
    """Return the number of people by status. If there are many and no count yet, count each up to a bound."""
    parameters = {"too_many": COUNTED_LIVE + 1, "prefix": "people.status."}
    rows = db.session.execute(text(_TOTALS).columns(at=Instant), parameters).all()
    if not rows:
        return _bounded_totals()
    people = {row.kind: row.people for row in rows}
    return Totals(**people, total=sum(people.values()), at=rows[0].at)


def _bounded_totals() -> Totals:
    active, invited, deactivated = (
        counted(select(User.id).where(User.status == status)) for status in Status if status != Status.DELETED
    )
    total = counted(select(User.id).where(User.deleted_at.is_(None)))
    exact = all(count.exact for count in (active, invited, deactivated, total))
    return Totals(active.value, invited.value, deactivated.value, total.value, exact=exact)
