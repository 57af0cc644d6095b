"""Named reads of recurring work and its runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from webapp.core.errors import NotFound
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.recurring.kinds import Kind, Row, Run
from webapp.users.models import User


def list_rows(kind: Kind[Row, Any], *, owner_id: UUID | None = None) -> Select[Row]:
    """Return what is not deleted, of all people or of one, with the owners."""
    query = select(kind.row).where(kind.row.deleted_at.is_(None))
    query = query.options(joinedload(kind.row.owner).load_only(User.name))
    return query if owner_id is None else query.where(kind.row.requested_by_id == owner_id)


def get_row(kind: Kind[Row, Any], row_id: UUID, *, owner_id: UUID | None = None) -> Row:
    """Raise NotFound if there is none, it is deleted, or it belongs to someone else than `owner_id`."""
    row = db.session.scalars(list_rows(kind, owner_id=owner_id).where(kind.row.id == row_id)).first()
    if row is None:
        raise not_found(kind)
    return row


def count_rows(kind: Kind[Any, Any], *, owner_id: UUID | None = None) -> int:
    return db.session.scalar(select(func.count()).select_from(list_rows(kind, owner_id=owner_id).subquery())) or 0


def rows_with_problems(
    kind: Kind[Row, Any], *, owner_id: UUID | None = None, also: ColumnElement[bool] | None = None
) -> list[Row]:
    """Return rows whose last run needs a person, or that Rollcall paused, or for which `also` holds. By name."""
    is_problem = or_(kind.row.last_outcome.in_(kind.problems), kind.row.pause_reason != "")
    is_problem = is_problem if also is None else or_(is_problem, also)
    query = list_rows(kind, owner_id=owner_id).where(is_problem).order_by(kind.row.name, kind.row.id)
    return list(db.session.scalars(query))


def newest_first(kind: Kind[Any, Any]) -> Order:
    return Order("-id", kind.run.id, kind.run.id, descending=True)


def list_runs(kind: Kind[Any, Run], row_id: UUID) -> Select[Run]:
    return select(kind.run).where(kind.run.row_id == row_id)


def open_run(kind: Kind[Any, Run], row_id: UUID) -> Run | None:
    """Return the run that has not ended."""
    return db.session.scalars(list_runs(kind, row_id).where(kind.run.ended_at.is_(None))).first()


def not_found(kind: Kind[Any, Any]) -> NotFound:
    return NotFound(kind.not_found)
