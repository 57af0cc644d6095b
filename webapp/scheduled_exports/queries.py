"""Named reads of scheduled exports and their runs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.scheduled_exports.models import ExportRun, ScheduledExport
from webapp.users.models import User

OLDEST_FIRST = Order("id", ScheduledExport.id, ScheduledExport.id, descending=False)
NEWEST_FIRST = Order("-id", ExportRun.id, ExportRun.id, descending=True)


def list_exports(*, owner_id: UUID | None = None) -> Select[ScheduledExport]:
    """Return all scheduled exports, or those of one person, with their owners."""
    query = select(ScheduledExport).where(ScheduledExport.deleted_at.is_(None)).options(_with_owner())
    return query if owner_id is None else query.where(ScheduledExport.requested_by_id == owner_id)


def get_export(export_id: UUID, *, owner_id: UUID | None = None) -> ScheduledExport:
    """Raise NotFound if there is none, it is deleted, or it is of somebody else than `owner_id`."""
    found = db.session.scalars(list_exports(owner_id=owner_id).where(ScheduledExport.id == export_id)).first()
    if found is None:
        raise export_not_found()
    return found


def count_exports(owner_id: UUID) -> int:
    return db.session.scalar(select(func.count()).select_from(list_exports(owner_id=owner_id).subquery())) or 0


def list_runs(export_id: UUID) -> Select[ExportRun]:
    return select(ExportRun).where(ExportRun.export_id == export_id)


def open_run(export_id: UUID) -> ExportRun | None:
    """Return the run that has not ended."""
    return db.session.scalars(list_runs(export_id).where(ExportRun.ended_at.is_(None))).first()


def job_ids_beyond(export_id: UUID, keep: int) -> list[UUID]:
    """Return the jobs of all runs but the newest `keep` ones."""
    query = select(ExportRun.job_id).where(ExportRun.export_id == export_id, ExportRun.job_id.is_not(None))
    return [job_id for job_id in db.session.scalars(query.order_by(ExportRun.id.desc()).offset(keep)) if job_id]


def export_not_found() -> NotFound:
    return NotFound(_("This scheduled export does not exist"))


def _with_owner() -> ExecutableOption:
    return joinedload(ScheduledExport.owner).load_only(User.name)
