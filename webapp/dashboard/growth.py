"""Query of the growth of accounts: how many people were created, reactivated and deactivated in each week.

Weeks begin on Monday in the time zone of the viewer, as the days of filters do, so that a number equals its list.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Float, Uuid, bindparam, text

from webapp.core.clock import now
from webapp.core.formats import to_viewer_timezone, viewer_timezone
from webapp.core.ids import min_id_at
from webapp.core.moments import start_of_day
from webapp.db.session import db
from webapp.db.types import Instant

WEEK = timedelta(weeks=1)
WEEKS_SHOWN = 26
# The average covers four weeks. That of the first week shown needs the three weeks before it.
WEEKS_BEFORE = 3
# The ID of a record is made slightly before its time is set, and the clocks of servers differ.
CLOCK_TOLERANCE = timedelta(hours=1)


class Week(NamedTuple):
    """Counts of one week. `week` is its Monday for the viewer, `average` is that of `new` over four weeks."""

    week: date
    new: int
    reactivated: int
    deactivated: int
    average: float


# Raw SQL, because chained CTEs, VALUES, MATERIALIZED and a window frame are harder to read as SQLAlchemy expressions.
# Both engines run the same text. Plan on both: one range of ix_users_created_at_id for each week (index only), and one
# scan of ix_audit_records_action_id for all weeks. MATERIALIZED keeps the engines from repeating that scan each week.
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
SELECT week, new, reactivated, deactivated, average FROM averages WHERE week >= :first_shown ORDER BY week
"""


def list_weeks(count: int = WEEKS_SHOWN) -> list[Week]:
    """Return the last `count` weeks, oldest first. The last one is the current week."""
    mondays = _mondays(count)
    parameters: dict[str, Any] = {f"week_{number}": monday for number, monday in enumerate(mondays)}
    parameters["first_shown"] = mondays[WEEKS_BEFORE]
    parameters["first_id"] = min_id_at(mondays[0] - CLOCK_TOLERANCE)
    rows = db.session.execute(_growth_query(len(mondays)), parameters)
    return [Week(to_viewer_timezone(row.week).date(), *row[1:]) for row in rows]


def monday_of(day: date) -> date:
    """Return the first day of the ISO week of `day`."""
    return day - timedelta(days=day.weekday())


def _mondays(count: int) -> list[datetime]:
    """Return the starts of `WEEKS_BEFORE + count` weeks, oldest first, and the end of the last one."""
    next_monday = monday_of(to_viewer_timezone(now()).date()) + WEEK
    weeks = range(WEEKS_BEFORE + count, -1, -1)
    return [start_of_day(next_monday - WEEK * ago, viewer_timezone()) for ago in weeks]


@lru_cache
def _growth_query(mondays: int) -> Any:
    """Bind times and IDs with the types of their columns, because the engines store them differently."""
    weeks = ", ".join(f"(:week_{number}, :week_{number + 1})" for number in range(mondays - 1))
    moments = ["first_shown", *(f"week_{number}" for number in range(mondays))]
    query = text(_GROWTH.format(weeks=weeks)).bindparams(
        bindparam("first_id", type_=Uuid), *(bindparam(name, type_=Instant) for name in moments)
    )
    return query.columns(week=Instant, average=Float)
