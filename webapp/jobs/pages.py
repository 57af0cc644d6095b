"""The pages of jobs and schedules: a person sees their own, an administrator all."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.errors import Forbidden
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.jobs import schedules
from webapp.jobs.files import get_file
from webapp.jobs.models import Job
from webapp.jobs.queries import NEWEST_FIRST, file_of, get_job, listed_jobs, messages_of, running_job_of
from webapp.jobs.schemas import JobListQuery
from webapp.jobs.services import cancel_job, retry_job, throughput
from webapp.lists.page import paginate
from webapp.web.guards import actor, can, check_confirmed, requires, signed_in
from webapp.web.paging import parse_query_parameters

jobs_pages = Blueprint("jobs", __name__, url_prefix="/jobs")


def running_job() -> Job | None:
    """For the frame of every page: the newest job of the person looking that is not over."""
    return running_job_of(current_user.id) if getattr(current_user, "has_running_job", False) else None


@jobs_pages.get("")
@signed_in
def index() -> ResponseReturnValue:
    query = parse_query_parameters(JobListQuery)
    page = paginate(listed_jobs(requested_by_id=_whose(), state=query.state), NEWEST_FIRST, query.window)
    return render_template("jobs/index.html", page=page, state=query.state, everyone=_whose() is None)


@jobs_pages.get("/<uuid:job_id>")
@signed_in
def show(job_id: UUID) -> ResponseReturnValue:
    job = _visible(job_id)
    speed, seconds_left = throughput(job)
    return render_template(
        "jobs/show.html",
        job=job,
        can_change=_can_change(job),
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
    job = _visible(job_id)
    check_confirmed()
    file = get_file(job, by=actor())
    return send_file(io.BytesIO(file.content), mimetype=file.content_type, as_attachment=True, download_name=file.name)


@jobs_pages.post("/<uuid:job_id>/cancellation")
@signed_in
def cancel(job_id: UUID) -> ResponseReturnValue:
    cancel_job(_changeable(job_id).id, by=actor())
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@jobs_pages.post("/<uuid:job_id>/retry")
@signed_in
def retry(job_id: UUID) -> ResponseReturnValue:
    retry_job(_changeable(job_id).id, by=actor())
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@jobs_pages.get("/badge")
@signed_in
def badge() -> ResponseReturnValue:
    return render_template("jobs/_badge.html", job=running_job())


@jobs_pages.get("/schedules", endpoint="schedules")
@requires(Permission.JOBS_MANAGE)
def show_schedules() -> ResponseReturnValue:
    return render_template("jobs/schedules.html", schedules=schedules.listed_schedules())


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


def _whose() -> UUID | None:
    """Whose jobs are shown: one's own, or everybody's (None) to who may see them."""
    return None if can(Permission.JOBS_READ) else current_user.id


def _can_change(job: Job) -> bool:
    """Whether the viewer can cancel and retry the job: their own, or all with `jobs.manage`."""
    return bool(job.requested_by_id == current_user.id) or can(Permission.JOBS_MANAGE)


def _changeable(job_id: UUID) -> Job:
    job = _visible(job_id)
    if not _can_change(job):
        raise Forbidden(_("Your roles do not let you cancel or retry jobs of other people"))
    return job


def _visible(job_id: UUID) -> Job:
    return get_job(job_id, requested_by_id=_whose())
