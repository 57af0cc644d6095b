"""Queries of dormant accounts: active people who have not signed in for a long time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, Uuid, func, literal, or_, select, tuple_
from sqlalchemy.orm import defer

from webapp.access.summaries import first_role_name
from webapp.core.clock import now
from webapp.core.formats import to_viewer_timezone, viewer_timezone
from webapp.core.moments import start_of_day
from webapp.db.session import db
from webapp.db.types import Instant
from webapp.jobs.models import Job
from webapp.lists.count import Count, counted
from webapp.users.models import Status, User

DORMANT_DAYS = 90
DORMANT_REPORT = "dormant.report"


class Cursor(NamedTuple):
    """The position after a person in the order of the report, longest absence first."""

    last_sign_in_sort: datetime
    user_id: UUID


START = Cursor(datetime.min.replace(tzinfo=UTC), UUID(int=0))


class DormantPerson(NamedTuple):
    """One line of the report. `rank_in_chunk` counts the people of the same role in this chunk, from 1."""

    id: UUID
    name: str
    email: str
    username: str | None
    role: str | None
    last_sign_in_at: datetime | None
    created_at: datetime
    last_sign_in_sort: datetime
    rank_in_chunk: int


def select_dormant(before: datetime) -> Select[User]:
    """Select active people who were created before `before` and have not signed in since."""
    existed = or_(User.last_sign_in_at.is_not(None), User.created_at < before)
    # NOT IN instead of `= 'active'`: with equality SQLite chose the index on the status, and sorted all people in each
    # chunk. This way both engines read ix_users_last_sign_in_sort_id in the order of the report.
    active = User.status.not_in([status for status in Status if status != Status.ACTIVE])
    return select(User).where(active, User.last_sign_in_sort < before, existed)


def dormant_before(days: int = DORMANT_DAYS) -> datetime:
    """Return the start of the period without a sign-in: of today and the days before, as in `last_sign_in:<90d`."""
    return start_of_day(to_viewer_timezone(now()).date() - timedelta(days=days - 1), viewer_timezone())


def count_dormant(days: int = DORMANT_DAYS) -> Count:
    return counted(select_dormant(dormant_before(days)))


def count_dormant_before(before: datetime, *, limit: int) -> int:
    """Return how many people are dormant since `before`, counted up to `limit`."""
    rows = select_dormant(before).with_only_columns(literal(1)).limit(limit)
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def list_dormant(before: datetime, *, after: Cursor = START, limit: int) -> list[DormantPerson]:
    """Return the next `limit` people that are dormant since `before`, longest absence first."""
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
    position = tuple_(literal(after.last_sign_in_sort, Instant), literal(after.user_id, Uuid))
    chunk = select_dormant(before).with_only_columns(*columns).where(tuple_(*order) > position)
    rows = chunk.order_by(*order).limit(limit).subquery()
    order_in_chunk = (rows.c.last_sign_in_sort, rows.c.id)
    rank = func.row_number().over(partition_by=rows.c.role, order_by=order_in_chunk)
    return [DormantPerson(*row) for row in db.session.execute(select(rows, rank).order_by(*order_in_chunk))]


def find_newest_report(*, requested_by_id: UUID | None = None) -> Job | None:
    """Return the newest report of dormant accounts, of this person only if `requested_by_id` is given."""
    query = select(Job).options(defer(Job.checkpoint)).where(Job.kind == DORMANT_REPORT)
    if requested_by_id is not None:
        query = query.where(Job.requested_by_id == requested_by_id)
    return db.session.scalars(query.order_by(Job.id.desc()).limit(1)).first()
