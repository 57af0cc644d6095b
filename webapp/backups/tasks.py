"""The job that creates scheduled backups."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from webapp.backups.files import remove_old, scheduled_name
from webapp.backups.queries import BACKUP_JOB
from webapp.backups.services import create_backup
from webapp.core.clock import now
from webapp.core.context import current_settings
from webapp.core.errors import Refused
from webapp.core.permissions import Actor, ActorKind
from webapp.core.texts import _
from webapp.jobs.kinds import JobKind, JobRun
from webapp.jobs.lease_renewal import renewed_lease
from webapp.settings import Settings

DAY = 24


def scheduled_backup(settings: Settings) -> JobKind:
    """Return the kind of the job. It is a schedule if BACKUP_DIR is set. A failed one is not retried."""
    hours = settings.backup_hours
    every = _("Every day") if hours == DAY else _("Every %(hours)s h", hours=hours)
    interval = timedelta(hours=hours) if settings.backup_dir else None
    return JobKind(BACKUP_JOB, _("Create and verify a backup"), _work, attempts=1, interval=interval, every=every)


def _work(run: JobRun) -> None:
    """The first chunk only saves the name of the file. The work follows its commit, without a transaction."""
    folder = Path(current_settings().backup_dir)
    if not current_settings().backup_dir:
        raise Refused("BACKUP_DIR is not set.")
    if run.checkpoint and (folder / run.checkpoint["file"]).exists():
        run.finish(file=run.checkpoint["file"])
        return
    file = folder / scheduled_name(now())
    run.advance({"file": file.name})
    run.work_after_commit(lambda: _create(run, file))


def _create(run: JobRun, file: Path) -> None:
    with renewed_lease(run.job_id):
        create_backup(file, by=Actor(ActorKind.SYSTEM, run.requested_by_label, id=run.requested_by_id))
        remove_old(file.parent, keep=current_settings().backup_keep)
