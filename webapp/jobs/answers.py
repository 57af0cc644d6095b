"""The answer of the JSON API to a request that started a job."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify, url_for

from webapp.jobs.queries import get_job
from webapp.jobs.schemas import JobOut


def started_job(job_id: UUID, *, status: int = 201) -> Response:
    response = jsonify(JobOut.of(get_job(job_id)).model_dump(mode="json"))
    response.status_code = status
    response.headers["Location"] = url_for("jobs_api.show", job_id=job_id)
    return response
