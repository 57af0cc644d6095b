"""Jobs in the JSON API. Callers see their own jobs; `jobs.read` shows them all jobs."""

from __future__ import annotations

import io
from uuid import UUID

from flask import Response, send_file

from webapp.jobs.files import get_file
from webapp.jobs.guards import get_changeable_job, get_visible_job, visible_requester_id
from webapp.jobs.models import Job
from webapp.jobs.queries import NEWEST_FIRST, file_of, list_jobs, messages_of
from webapp.jobs.schemas import JobDetailsOut, JobListQuery, JobOut, JobPage, JobPath
from webapp.jobs.services import cancel_job, retry_job
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.web.api import api_blueprint, json_response, page_response
from webapp.web.guards import actor, signed_in
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

jobs_api = api_blueprint("jobs_api", __name__, tag="Jobs")
CHANGES = "Jobs of others take `jobs.manage`. A token with scopes needs it for all jobs."
_FILE = {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}


@jobs_api.get(
    "/jobs",
    summary="List jobs",
    description="Newest first. Those of the owner of the token, or with `jobs.read` those of everyone.",
    responses={200: JobPage},
)
@signed_in
def index(query: JobListQuery) -> Response:
    requester_id = visible_requester_id()
    jobs = list_jobs(requested_by_id=requester_id, state=query.state, started_by=query.started_by, with_result=True)
    page = paginate(jobs, NEWEST_FIRST, query.window)
    return page_response(JobPage(items=[JobOut.of(job) for job in page.items], **page_fields(page)), page)


@jobs_api.get("/jobs/<uuid:job_id>", summary="Show a job", responses=problem_responses(404) | {200: JobDetailsOut})
@signed_in
def show(path: JobPath) -> Response:
    job = get_visible_job(path.job_id)
    file = file_of(job.id) if job.requested_by_id == actor().id else None
    return json_response(JobDetailsOut.with_details(job, messages_of(job.id), file))


@jobs_api.get(
    "/jobs/<uuid:job_id>/file",
    summary="Download the file of a job",
    description="Only the person who requested the job gets it, with the permissions of this moment: 403 if the file"
    " shows more than they may see now. 410 if it was removed because a user in it was erased.",
    responses=problem_responses(404, 410) | {200: _FILE},
)
@signed_in
def download(path: JobPath) -> Response:
    file = get_file(get_visible_job(path.job_id), by=actor())
    return send_file(io.BytesIO(file.content), mimetype=file.content_type, as_attachment=True, download_name=file.name)


@jobs_api.post(
    "/jobs/<uuid:job_id>/cancellation",
    summary="Cancel a job",
    description=f"A waiting job at once, a running one after its present step. Finished work is kept. {CHANGES}"
    " Idempotent.",
    responses=problem_responses(404) | {200: JobOut},
)
@signed_in
def cancel(path: JobPath) -> Response:
    return idempotent(lambda: _response(cancel_job(_changeable_id(path), by=actor())))


@jobs_api.post(
    "/jobs/<uuid:job_id>/retry",
    summary="Retry a job",
    description=f"Continues a failed or cancelled job where it stopped. 400 for any other. {CHANGES}",
    responses=problem_responses(404) | {200: JobOut},
)
@signed_in
def retry(path: JobPath) -> Response:
    return idempotent(lambda: _response(retry_job(_changeable_id(path), by=actor())))


def _changeable_id(path: JobPath) -> UUID:
    return get_changeable_job(path.job_id).id


def _response(job: Job) -> Response:
    return json_response(JobOut.of(job))
