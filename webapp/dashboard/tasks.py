"""Jobs of the dashboard: count people, and write the report of dormant accounts."""

from __future__ import annotations

from datetime import timedelta

from webapp.access.checks import powers_of_actor
from webapp.core.formats import use_reader
from webapp.core.permissions import Actor, Permission
from webapp.core.spreadsheets import BOM, csv_text
from webapp.core.texts import _
from webapp.dashboard.dormant import DORMANT_REPORT
from webapp.dashboard.dormant_report import (
    Progress,
    advanced,
    headings,
    read_chunk,
    report_lines,
    start_report,
    truncation_message,
)
from webapp.dashboard.figures import refresh_figures
from webapp.dashboard.sign_ins import refresh_sign_ins
from webapp.db.transactions import remove_time_limit
from webapp.jobs.files import file_outdated, has_parts, join_parts, save_part
from webapp.jobs.kinds import JobRun, job_kind
from webapp.jobs.models import JobFile


@job_kind(
    "totals.refresh",
    label=_("Count people and sign-ins"),
    interval=timedelta(minutes=10),
    every=_("Every 10 minutes"),
)
def refresh_totals(run: JobRun) -> None:
    remove_time_limit()
    refresh_figures()
    refresh_sign_ins()
    run.finish()


def check_report_file(_file: JobFile, by: Actor) -> None:
    """Raise Forbidden unless `by` can still see everyone."""
    if powers_of_actor(by).reach(Permission.USERS_READ) is not None:
        raise file_outdated()


@job_kind(DORMANT_REPORT, label=_("List people who have not signed in for 90 days"), check_file=check_report_file)
def report_dormant(run: JobRun) -> None:
    """Write one chunk, for the language and time zone of the person who requested it.

    All chunks list people who are dormant at the time of the first chunk.
    """
    remove_time_limit()
    with use_reader(run.arguments.get("locale"), run.arguments.get("timezone")):
        _write_chunk(run)


def _write_chunk(run: JobRun) -> None:
    if run.checkpoint and not has_parts(run.job_id, run.checkpoint["part"]):
        run.restart()
    is_first = run.checkpoint is None
    progress, total = start_report() if is_first else (Progress.from_json(run.checkpoint), None)
    people, has_more = read_chunk(progress)
    lines = report_lines(progress, people)
    text = csv_text([headings(), *lines] if is_first else lines)
    save_part(run.job_id, progress.parts, text.encode(), people=[person.id for person in people])
    progress = advanced(progress, people)
    if has_more and progress.full:
        run.add_message(truncation_message(progress.people))
    is_last = progress.full or not has_more
    run.advance(progress.to_json(), done=len(people), total=progress.people if is_last else total)
    if is_last:
        content = join_parts(run.job_id, start=BOM)
        run.attach_file(progress.filename, content, "text/csv; charset=utf-8")
        run.finish(people=progress.people)
