"""The answer of the JSON API to a request that started a job."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from webapp.jobs.queries import get_job
from webapp.jobs.schemas import JobOut
from webapp.web.api import json_response


def started_job(job_id: UUID, *, status: int = 201) -> Response:
    response = json_response(JobOut.of(get_job(job_id)))
    response.status_code = status
    response.headers["Location"] = url_for("jobs_api.show", job_id=job_id)
    return response
