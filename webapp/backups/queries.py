"""Named reads: the last backup, and whether the last scheduled one failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from webapp.audit.actions import Action
from webapp.audit.archive_models import AuditArchive
from webapp.audit.archives import NEWEST_ARCHIVE
from webapp.audit.models import AuditDetails, AuditRecord
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.db.session import db
from webapp.jobs.models import Job, State

BACKUP_JOB = "backups.create"


@dataclass(frozen=True)
class BackupState:
    """`at`: when the last backup was created and verified. None if there is none.

    `failed_job`: a later job that failed. `scheduled`: whether BACKUP_DIR is set. `late`: whether the last backup is
    older than two intervals. `archived_before`: audit records before this time are archived. None: none are.
    """

    at: datetime | None
    file: str
    failed_job: UUID | None
    scheduled: bool
    late: bool
    archived_before: datetime | None


def _last_statement() -> Select[datetime, str, UUID, str, datetime | None, datetime | None]:
    """Select one row with the last backup, the last scheduled job and the last audit archive, or NULL for each.

    Intended plan: the ends of ix_audit_records_action_id and ix_jobs_kind_id, then primary keys.
    """
    record = select(AuditRecord.id).where(AuditRecord.action == Action.BACKUP_CREATED)
    job = select(Job.id).where(Job.kind == BACKUP_JOB)
    ids = select(
        record.order_by(AuditRecord.id.desc()).limit(1).scalar_subquery().label("record_id"),
        job.order_by(Job.id.desc()).limit(1).scalar_subquery().label("job_id"),
    ).subquery()
    archived = NEWEST_ARCHIVE.with_only_columns(AuditArchive.before).scalar_subquery().label("archived_before")
    columns = (AuditRecord.at, AuditDetails.subject_label, Job.id.label("job_id"), Job.state, Job.finished_at)
    return (
        select(*columns, archived)
        .select_from(ids)
        .outerjoin(AuditRecord, AuditRecord.id == ids.c.record_id)
        .outerjoin(AuditDetails, AuditDetails.record_id == ids.c.record_id)
        .outerjoin(Job, Job.id == ids.c.job_id)
    )


_LAST = _last_statement()


def backup_state() -> BackupState:
    settings, last = current_settings(), db.session.execute(_LAST).one()
    failed = last.state == State.FAILED and not (last.at and last.finished_at < last.at)
    limit = now() - 2 * timedelta(hours=settings.backup_hours)
    return BackupState(
        at=last.at,
        file=last.subject_label or "",
        failed_job=last.job_id if failed else None,
        scheduled=bool(settings.backup_dir),
        late=bool(settings.backup_dir and last.at and last.at < limit),
        archived_before=last.archived_before,
    )


def backup_warning() -> str | None:
    """Return a sentence for /readyz if scheduled backups do not work."""
    state = backup_state()
    if not state.scheduled:
        return None
    return "the last one failed" if state.failed_job else "the last one is old" if state.late else None
