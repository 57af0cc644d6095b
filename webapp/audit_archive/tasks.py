"""The job that archives old records each month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from webapp.audit.archives import last_archive
from webapp.audit_archive.services import archive_records
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.jobs.kinds import JobKind, JobRun
from webapp.jobs.lease_renewal import renewed_lease
from webapp.settings import Settings

ARCHIVE_JOB = "audit.archive"


def scheduled_archive(settings: Settings) -> JobKind:
    """Return the kind of the job. It is a schedule if AUDIT_ARCHIVE_DIR is set. A failed one is not retried."""
    interval = timedelta(days=1) if settings.audit_archive_dir else None
    return JobKind(
        ARCHIVE_JOB, _("Archive old audit records"), _work, attempts=1, interval=interval, every=_("Every day")
    )


def due_before(moment: datetime, keep_days: int) -> datetime:
    """Return the start of the month (UTC) that contains the oldest day to keep. So a file has whole months."""
    oldest = moment.astimezone(UTC) - timedelta(days=keep_days)
    return oldest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _work(run: JobRun) -> None:
    """The first chunk only notes the last archive. The work follows its commit, without a transaction."""
    settings = current_settings()
    if not settings.audit_archive_dir:
        raise Refused("AUDIT_ARCHIVE_DIR is not set.")
    if run.checkpoint:
        archive = last_archive()
        is_new = archive is not None and archive.number > run.checkpoint["last"]
        run.finish(**({"file": archive.file, "rows": archive.records} if archive and is_new else {}))
        return
    last = last_archive()
    run.advance({"last": last.number if last else 0})
    run.work_after_commit(lambda: _archive(run, due_before(now(), settings.audit_keep_days)))


def _archive(run: JobRun, before: datetime) -> None:
    by = Actor(ActorKind.SYSTEM, run.requested_by_label, id=run.requested_by_id)
    with renewed_lease(run.job_id):
        try:
            archive_records(before=before, folder=Path(current_settings().audit_archive_dir), by=by)
        except Refused as refusal:
            if refusal.code != "nothing":
                raise
