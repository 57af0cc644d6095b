"""What the dashboard shows: one statement each, the same words on both engines.

Moments and ids are bound with the types of their columns, which is all that keeps the engines apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Float, Select, TextClause, Uuid, bindparam, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import defer

from webapp.access.summaries import first_role_name
from webapp.core.clock import now
from webapp.core.ids import min_id_at
from webapp.db.session import db
from webapp.db.types import Instant
from webapp.jobs.models import Job
from webapp.lists.count import Count, counted
from webapp.users.models import Status, User

WEEK = timedelta(weeks=1)
WEEKS_SHOWN = 26
# So many weeks before the first one are read too, so that its average is one of four weeks like all others.
AVERAGED_BEFORE = 3
# An id is made a moment before its row's time is taken, and clocks of machines differ.
CLOCKS_DIFFER = timedelta(hours=1)
# So many people are counted at each look; of more, what the job `totals.refresh` counted last is shown.
COUNTED_LIVE = 20_000
DORMANT_DAYS = 90
DORMANT_REPORT = "dormant.report"
BEGINNING = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


class Week(NamedTuple):
    """What happened in the week of the Monday `week`, in UTC; `average` is that of new ones over four weeks."""

    week: date
    new: int
    reactivated: int
    deactivated: int
    average: float


class RoleShare(NamedTuple):
    rank: int
    role: str
    people: int
    share: float


@dataclass(frozen=True)
class Totals:
    """People by status. `at`: when they were counted, if not just now; not exact: there may be more of each."""

    active: int = 0
    invited: int = 0
    deactivated: int = 0
    total: int = 0
    at: datetime | None = None
    exact: bool = True


class Dormant(NamedTuple):
    """One line of the report; `place` is the one among those of the same role, 1 being away for longest."""

    id: UUID
    name: str
    email: str
    username: str | None
    role: str | None
    last_sign_in_at: datetime | None
    created_at: datetime
    last_sign_in_sort: datetime
    place: int


_GROWTH = """
WITH weeks (week, until) AS (VALUES {weeks}),
events AS MATERIALIZED (
    SELECT at, action FROM audit_records
    WHERE id >= :first_id AND at >= :week_0 AND action IN ('user.reactivated', 'user.deactivated')
),
counts AS (
    SELECT week,
        (SELECT count(*) FROM users WHERE created_at >= week AND created_at < until) AS new,
        (SELECT count(*) FROM events WHERE at >= week AND at < until AND action = 'user.reactivated') AS reactivated,
        (SELECT count(*) FROM events WHERE at >= week AND at < until AND action = 'user.deactivated') AS deactivated
    FROM weeks
),
averages AS (
    SELECT week, new, reactivated, deactivated,
        AVG(new) OVER (ORDER BY week ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS average
    FROM counts
)
SELECT week, new, reactivated, deactivated, average FROM averages WHERE week >= :shown ORDER BY week
"""

# People by {column}: counted now while they are few, else the figures of the last count.
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
    "SELECT CAST(role_id AS TEXT) AS kind FROM role_grants WHERE user_id IS NOT NULL"
    " AND starts_at <= :moment AND (ends_at IS NULL OR ends_at > :moment)"
    " AND user_id NOT IN (SELECT id FROM users WHERE deleted_at IS NOT NULL)"
)
_RANKED = """
SELECT RANK() OVER (ORDER BY people DESC) AS rank, name AS role, people,
    CAST(people AS FLOAT) / SUM(people) OVER () AS share
FROM people JOIN roles ON CAST(roles.id AS TEXT) = kind ORDER BY rank, role
"""
_ROLES = _PEOPLE.format(rows=_ROLE_ROWS) + _RANKED
_STATUS_ROWS = "SELECT status AS kind FROM users WHERE status <> 'deleted'"
_TOTALS = _PEOPLE.format(rows=_STATUS_ROWS) + "SELECT kind, people, at FROM people"  # noqa: S608  our own names


def growth(weeks: int = WEEKS_SHOWN) -> list[Week]:
    """The last weeks, oldest first, the one that is not over yet as the last."""
    this_week = week_of(now())
    mondays = [this_week - WEEK * ago for ago in range(weeks + AVERAGED_BEFORE - 1, -2, -1)]
    values: dict[str, Any] = {f"week_{number}": monday for number, monday in enumerate(mondays)}
    values |= {"shown": mondays[AVERAGED_BEFORE], "first_id": min_id_at(mondays[0] - CLOCKS_DIFFER)}
    rows = db.session.execute(_growth(len(mondays)), values)
    return [Week(row.week.date(), *row[1:]) for row in rows]


def people_by_role() -> list[RoleShare]:
    """Roles by how many people have them; equal ones share a rank. Nothing while many people are not counted yet."""
    values = {"too_many": COUNTED_LIVE + 1, "prefix": "people.role."}
    query = text(_ROLES).bindparams(bindparam("moment", now(), Instant)).columns(share=Float)
    rows = db.session.execute(query, values)
    return [RoleShare(*row) for row in rows]


def totals() -> Totals:
    """How many people there are, by status. Many who have not been counted yet are counted up to a bound only."""
    values = {"too_many": COUNTED_LIVE + 1, "prefix": "people.status."}
    rows = db.session.execute(text(_TOTALS).columns(at=Instant), values).all()
    if not rows:
        return _bounded_totals()
    people = {row.kind: row.people for row in rows}
    return Totals(**people, total=sum(people.values()), at=rows[0].at)


def dormant_people(before: datetime) -> Select[User]:
    """Active people who have not signed in since `before`, and were there then."""
    away = or_(User.last_sign_in_at.is_not(None), User.created_at < before)
    # Said by what they are not: SQLite would take the index of states, and sort everybody in it at each chunk.
    active = User.status.not_in([status for status in Status if status != Status.ACTIVE])
    return select(User).where(active, User.last_sign_in_sort < before, away)


def count_dormant(days: int = DORMANT_DAYS) -> Count:
    return counted(dormant_people(now() - timedelta(days=days)))


def dormant_after(place: tuple[datetime, UUID], *, before: datetime, limit: int) -> list[Dormant]:
    """The next ones, whoever is away for longest first; `place` is (last_sign_in_sort, id) of the one before."""
    columns = (
        User.id,
        User.name,
        User.email,
        User.username,
        first_role_name(User.id).label("role"),
        User.last_sign_in_at,
        User.created_at,
        User.last_sign_in_sort,
    )
    order = (User.last_sign_in_sort, User.id)
    after = tuple_(literal(place[0], Instant), literal(place[1], Uuid))
    chunk = dormant_people(before).with_only_columns(*columns).where(tuple_(*order) > after)
    rows = chunk.order_by(*order).limit(limit).subquery()
    order_in_chunk = (rows.c.last_sign_in_sort, rows.c.id)
    rank = func.row_number().over(partition_by=rows.c.role, order_by=order_in_chunk)
    return [Dormant(*row) for row in db.session.execute(select(rows, rank).order_by(*order_in_chunk))]


def count_dormant_before(before: datetime, *, limit: int) -> int:
    """How many there are, counted up to `limit`."""
    rows = dormant_people(before).with_only_columns(literal(1)).limit(limit)
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def newest_report(*, requested_by_id: UUID | None = None) -> Job | None:
    """The newest report of people who are away; of one person's own, if `requested_by_id` is given."""
    query = select(Job).options(defer(Job.checkpoint)).where(Job.kind == DORMANT_REPORT)
    if requested_by_id is not None:
        query = query.where(Job.requested_by_id == requested_by_id)
    return db.session.scalars(query.order_by(Job.id.desc()).limit(1)).first()


def week_of(moment: datetime) -> datetime:
    """The Monday, 00:00 UTC, with which the ISO week of `moment` began."""
    day = moment.astimezone(UTC).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)


@lru_cache
def _growth(mondays: int) -> Any:
    weeks = ", ".join(f"(:week_{number}, :week_{number + 1})" for number in range(mondays - 1))
    moments: Sequence[str] = ["shown", *(f"week_{number}" for number in range(mondays))]
    statement: TextClause = text(_GROWTH.format(weeks=weeks)).bindparams(
        bindparam("first_id", type_=Uuid), *(bindparam(name, type_=Instant) for name in moments)
    )
    return statement.columns(week=Instant, average=Float)


def _bounded_totals() -> Totals:
    active, invited, deactivated = (
        counted(select(User.id).where(User.status == status)) for status in Status if status != Status.DELETED
    )
    total = counted(select(User.id).where(User.deleted_at.is_(None)))
    exact = all(count.exact for count in (active, invited, deactivated, total))
    return Totals(active.value, invited.value, deactivated.value, total.value, exact=exact)
