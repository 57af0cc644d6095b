"""Starts the report of dormant accounts. The only entry point to it."""

from __future__ import annotations

from webapp.access.checks import check_everywhere
from webapp.audit.actions import Action
from webapp.audit.services import record
from webapp.core.formats import viewer_timezone
from webapp.core.permissions import Actor, Permission
from webapp.core.texts import language
from webapp.dashboard.dormant import DORMANT_REPORT, find_newest_report
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue


@transaction()
def start_dormant_report(*, by: Actor) -> Job:
    """Return the actor's own report that is in progress, if there is one. Otherwise start a new report.

    Its days are those of the time zone of the viewer, as on the dashboard.
    """
    check_everywhere(by, Permission.USERS_READ)
    job = find_newest_report(requested_by_id=by.id)
    if job is None or not job.live:
        job = enqueue(DORMANT_REPORT, by=by, locale=language(), timezone=viewer_timezone().key)
        record(Action.REPORT_CREATED, subject=job, by=by, kind="job", label=job.kind)
    return job
