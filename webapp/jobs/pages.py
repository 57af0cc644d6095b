"""The pages of jobs and schedules. People see their own jobs; `jobs.read` shows them all jobs."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.jobs import schedules
from webapp.jobs.files import get_file
from webapp.jobs.guards import can_change, get_changeable_job, get_visible_job, visible_requester_id
from webapp.jobs.models import Job
from webapp.jobs.queries import NEWEST_FIRST, file_of, list_jobs, messages_of, running_job_of
from webapp.jobs.schemas import JobListQuery
from webapp.jobs.services import cancel_job, retry_job, throughput
from webapp.lists.page import paginate
from webapp.web.guards import actor, check_confirmed, requires, signed_in
from webapp.web.paging import parse_query_parameters

jobs_pages = Blueprint("jobs", __name__, url_prefix="/jobs")


def running_job() -> Job | None:
    """Return the viewer's newest job that waits or runs, for the badge on every page."""
    return running_job_of(current_user.id) if getattr(current_user, "has_running_job", False) else None


@jobs_pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    query = parse_query_parameters(JobListQuery)
    requester_id = visible_requester_id()
    jobs = list_jobs(requested_by_id=requester_id, state=query.state, started_by=query.started_by)
    page = paginate(jobs, NEWEST_FIRST, query.window)
    return render_template("jobs/index.html", page=page, query=query, everyone=requester_id is None)


@jobs_pages.get("/<uuid:job_id>")
@signed_in
def show(job_id: UUID) -> ResponseReturnValue:
    job = get_visible_job(job_id)
    speed, seconds_left = throughput(job)
    return render_template(
        "jobs/show.html",
        job=job,
        can_change=can_change(job),
        messages=messages_of(job_id),
        # Only the requester can download it.
        file=file_of(job_id) if job.requested_by_id == actor().id else None,
        speed=speed,
        seconds_left=seconds_left,
    )


@jobs_pages.get("/<uuid:job_id>/file")
@signed_in
def download(job_id: UUID) -> ResponseReturnValue:
    """Files hold personal data, so downloading one needs a recent password."""
    job = get_visible_job(job_id)
    check_confirmed()
    file = get_file(job, by=actor())
    return send_file(io.BytesIO(file.content), mimetype=file.content_type, as_attachment=True, download_name=file.name)


@jobs_pages.post("/<uuid:job_id>/cancellation")
@signed_in
def cancel(job_id: UUID) -> ResponseReturnValue:
    cancel_job(get_changeable_job(job_id).id, by=actor())
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@jobs_pages.post("/<uuid:job_id>/retry")
@signed_in
def retry(job_id: UUID) -> ResponseReturnValue:
    retry_job(get_changeable_job(job_id).id, by=actor())
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@jobs_pages.get("/badge")
@signed_in
def badge() -> ResponseReturnValue:
    return render_template("jobs/_badge.html", job=running_job())


@jobs_pages.get("/schedules", endpoint="schedules")
@requires(Permission.JOBS_MANAGE)
def show_schedules() -> ResponseReturnValue:
    return render_template("jobs/schedules.html", schedules=schedules.list_schedules())


@jobs_pages.post("/schedules/<name>/run")
@requires(Permission.JOBS_MANAGE)
def run_now(name: str) -> ResponseReturnValue:
    return redirect(url_for("jobs.show", job_id=schedules.run_now(name, by=actor()).id), 303)


@jobs_pages.post("/schedules/<name>/pause")
@requires(Permission.JOBS_MANAGE)
def pause(name: str) -> ResponseReturnValue:
    schedules.pause(name, by=actor())
    flash(_("Schedule paused"), "success")
    return redirect(url_for("jobs.schedules"), 303)


@jobs_pages.post("/schedules/<name>/resume")
@requires(Permission.JOBS_MANAGE)
def resume(name: str) -> ResponseReturnValue:
    schedules.resume(name, by=actor())
    flash(_("Schedule resumed"), "success")
    return redirect(url_for("jobs.schedules"), 303)
