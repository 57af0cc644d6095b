"""The report of dormant accounts in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.dashboard.reports import start_dormant_report
from webapp.jobs.answers import started_job
from webapp.jobs.schemas import JobOut
from webapp.web.api import api_blueprint
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent

reports_api = api_blueprint("reports_api", __name__, tag="Jobs")


@reports_api.post(
    "/reports/dormant",
    summary="Report dormant accounts",
    description="Starts a job whose file lists the people who have not signed in for 90 days. While a report of yours"
    " is in progress, the answer is its job.",
    responses={201: JobOut},
)
@requires(Permission.USERS_READ, everywhere=True)
def dormant() -> Response:
    return idempotent(lambda: started_job(start_dormant_report(by=actor()).id))
