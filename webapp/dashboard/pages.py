"""The dashboard, and the report that can be asked for there."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.permissions import Permission
from webapp.core.texts import language
from webapp.dashboard.queries import (
    DORMANT_DAYS,
    DORMANT_REPORT,
    count_dormant,
    growth,
    newest_report,
    people_by_role,
    totals,
)
from webapp.jobs.models import Job
from webapp.jobs.services import enqueue
from webapp.web.guards import actor, can, reach, requires, signed_in

dashboard_pages = Blueprint("dashboard", __name__)


@dashboard_pages.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """Where one's work is."""
    if not can(Permission.USERS_READ):
        return redirect(url_for("account.show"))
    if reach(Permission.USERS_READ) is not None:
        return redirect(url_for("directory.index"))
    dormant = count_dormant()
    return render_template(
        "dashboard/show.html",
        growth=growth(),
        roles=people_by_role(),
        totals=totals(),
        dormant={"days": DORMANT_DAYS, "people": dormant.value, "exact": dormant.exact, "job": _report()},
    )


@dashboard_pages.post("/reports/dormant")
@requires(Permission.USERS_READ, everywhere=True)
def report() -> ResponseReturnValue:
    """One's own report that is still being made is shown, not made a second time."""
    job = newest_report(requested_by_id=actor().id)
    if job is None or not job.live:
        job = enqueue(DORMANT_REPORT, by=actor(), locale=language())
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _report() -> Job | None:
    """The newest report that the person looking may open."""
    return newest_report(requested_by_id=None if can(Permission.JOBS_READ) else current_user.id)
