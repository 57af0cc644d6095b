"""Query of sign-ins: how many there were on each of the last days, in UTC.

A past day does not change. Once the job `totals.refresh` has counted it, its number comes from the table `figures`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Uuid, bindparam, delete, select, text

from webapp.core.clock import now
from webapp.core.ids import min_id_at
from webapp.dashboard.models import Figure
from webapp.db.session import db
from webapp.db.upserts import insert_into

DAYS_SHOWN = 30
# Days are counted up to this bound at a request. Above it, the number is that of the last count.
COUNTED_LIVE = 20_000
PREFIX = "sign_ins."


class Day(NamedTuple):
    day: date
    sign_ins: int


# Raw SQL, because 30 subqueries are harder to read as SQLAlchemy expressions. Both engines run the same text. Intended
# plan: one range of ix_audit_records_action_id for each day to count (index only), which stops after the bound. After
# the first run of the job that is only today.
_DAY = """
SELECT {number} AS number, (SELECT value FROM figures WHERE name = :name_{number}) AS value,
    CASE WHEN {is_final} AND EXISTS (SELECT 1 FROM figures WHERE name = :name_{number}) THEN 0 ELSE (
        SELECT count(*) FROM (
            SELECT 1 FROM audit_records
            WHERE action = 'session.started' AND id >= :first_{number} AND id < :end_{number} LIMIT {limit}
        ) AS bounded
    ) END AS counted
"""
# LIMIT needs a number on SQLite.
_UNBOUNDED = 2**62


def list_days() -> list[Day]:
    """Return the last DAYS_SHOWN days, oldest first. The last one is today."""
    days = _days()
    rows = db.session.execute(_query(len(days), COUNTED_LIVE, past_is_final=True), _parameters(days))
    found = {row.number: max(row.value or 0, row.counted) for row in rows}
    return [Day(day, found[number]) for number, day in enumerate(days)]


def refresh_sign_ins() -> None:
    """Count today, and the past days that were not counted after their end, without a bound."""
    days, moment = _days(), now()
    stored: Any = db.session.execute(select(Figure.name, Figure.at).where(Figure.name.like(f"{PREFIX}%")))
    counted_at = {row.name: row.at for row in stored}
    due = [day for day in days if counted_at.get(_name(day), _start(day)) < _start(day + timedelta(days=1))]
    for name in counted_at.keys() - {_name(day) for day in days}:
        db.session.execute(delete(Figure).where(Figure.name == name))
    counts = db.session.execute(_query(len(due), _UNBOUNDED, past_is_final=False), _parameters(due))
    figures = [{"name": _name(due[row.number]), "value": row.counted, "at": moment} for row in counts]
    insert = insert_into(Figure)
    new = {"value": insert.excluded.value, "at": insert.excluded.at}
    db.session.execute(insert.on_conflict_do_update(index_elements=["name"], set_=new), figures)


def _days() -> list[date]:
    today = now().astimezone(UTC).date()
    return [today - timedelta(days=ago) for ago in range(DAYS_SHOWN - 1, -1, -1)]


def _name(day: date) -> str:
    return f"{PREFIX}{day.isoformat()}"


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _parameters(days: list[date]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, day in enumerate(days):
        values |= {
            f"name_{number}": _name(day),
            f"first_{number}": min_id_at(_start(day)),
            f"end_{number}": min_id_at(_start(day + timedelta(days=1))),
        }
    return values


@lru_cache
def _query(days: int, limit: int, *, past_is_final: bool) -> Any:
    """Bind IDs with the type of their column, because the engines store them differently.

    `past_is_final`: do not count days before the last one again if they have a figure.
    """
    parts = [
        _DAY.format(number=n, limit=limit, is_final="1 = 1" if past_is_final and n < days - 1 else "1 = 0")
        for n in range(days)
    ]
    ids = [bindparam(f"{part}_{n}", type_=Uuid) for n in range(days) for part in ("first", "end")]
    return text(" UNION ALL ".join(parts)).bindparams(*ids)
