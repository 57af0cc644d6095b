"""The job of a run, and the one that erases old runs and deleted exports."""

from __future__ import annotations

from datetime import timedelta

from webapp.bulk.exports import check_export_file
from webapp.core.errors import Refused
from webapp.core.formats import use_reader
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.kinds import JobRun, job_kind
from webapp.recurring.tasks import lock_run, purge_rows
from webapp.scheduled_exports.ending import end_run, stop_export
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport
from webapp.scheduled_exports.running import export_chunk, lost_owner, owner_of


@job_kind(EXPORTS.run_job, label=_("Export people regularly"), attempts=3, check_file=check_export_file)
def run(job: JobRun) -> None:
    found = lock_run(EXPORTS, job)
    if found is None:
        job.finish()
        return
    export = db.session.get_one(ScheduledExport, found.export_id, with_for_update=True, populate_existing=True)
    # Days in the search are those of the owner.
    with use_reader(export.locale, export.timezone):
        by = owner_of(export)
        if by is None:
            stop_export(found, export, lost_owner(export))
            job.finish(people=0)
        elif not _work(job, found, export, by=by):
            job.finish(people=found.people)


def _work(job: JobRun, found: ExportRun, export: ScheduledExport, *, by: Actor) -> bool:
    """Return whether there is another chunk."""
    try:
        with transaction():
            if export_chunk(job, found, export, by=by):
                return True
    except Refused as error:
        end_run(found, export, RunOutcome.FAILED, str(error))
    except OSError as error:
        reason = error.strerror or str(error)
        end_run(found, export, RunOutcome.FAILED, str(_("The folder cannot be written: %(reason)s", reason=reason)))
    else:
        end_run(found, export, RunOutcome.DONE)
    return False


@job_kind(
    "scheduled_exports.purge",
    label=_("Erase old runs of scheduled exports"),
    interval=timedelta(days=1),
    every=_("Every day"),
)
def purge(job: JobRun) -> None:
    purge_rows(EXPORTS, job)
