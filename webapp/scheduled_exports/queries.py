"""Named reads of runs of scheduled exports. For others see `recurring/queries.py`."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from webapp.db.session import db
from webapp.lists.order import Order
from webapp.scheduled_exports.models import ExportRun, ScheduledExport

OLDEST_FIRST = Order("id", ScheduledExport.id, ScheduledExport.id, descending=False)


def job_ids_beyond(export_id: UUID, keep: int) -> list[UUID]:
    """Return the jobs of all runs but the newest `keep` ones."""
    query = select(ExportRun.job_id).where(ExportRun.export_id == export_id, ExportRun.job_id.is_not(None))
    return [job_id for job_id in db.session.scalars(query.order_by(ExportRun.id.desc()).offset(keep)) if job_id]
