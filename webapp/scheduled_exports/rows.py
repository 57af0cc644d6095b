"""Scheduled exports and runs as the tables of the pages print them."""

from __future__ import annotations

from flask import url_for

from webapp.core.formats import format_number
from webapp.core.texts import _
from webapp.directory.filter_labels import filter_texts
from webapp.directory.views.addresses import parameters_of
from webapp.recurring.rows import RecurringRow, RunRow, recurring_row, run_row
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import ExportRun, RunOutcome, ScheduledExport, Target


def people_label(address: str, lists: dict[str, str]) -> str:
    """Return the name of a list, else its filters in words. Without an address it is everyone."""
    if not address:
        return str(_("Everyone"))
    return lists.get(address) or "; ".join(filter_texts(parameters_of(address))) or address


def export_row(export: ScheduledExport, lists: dict[str, str]) -> RecurringRow:
    """`lists`: the names of lists by address."""
    return recurring_row(EXPORTS, export, [people_label(export.list_address, lists), export.format.upper()])


def export_run_row(run: ExportRun, export: ScheduledExport) -> RunRow:
    is_done = run.outcome == RunOutcome.DONE
    # The page of the job says if the file was removed.
    url = url_for("jobs.show", job_id=run.job_id) if is_done and export.target == Target.MAIL else None
    return run_row(EXPORTS, run, url=url, people=format_number(run.people) if is_done else "")
