"""`flask reports dormant`."""

from __future__ import annotations

from flask.cli import AppGroup

from webapp.core.commands import json_option, print_record
from webapp.dashboard.reports import start_dormant_report
from webapp.jobs.models import State
from webapp.jobs.running import run_here
from webapp.jobs.schemas import JobOut
from webapp.users.acting import acting_as, as_option

reports_commands = AppGroup("reports", help="Create reports.")


@reports_commands.command("dormant")
@as_option
@json_option
def dormant(as_user: str, as_json: bool) -> None:
    """List the people who have not signed in for 90 days in a file. `flask jobs file` writes it."""
    job = run_here(start_dormant_report(by=acting_as(as_user)).id)
    print_record(JobOut.of(job).model_dump(mode="json"), as_json=as_json)
    if job.state == State.FAILED:
        raise SystemExit(1)
