"""Schedules in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.jobs import schedules
from webapp.jobs.answers import started_job
from webapp.jobs.schemas import JobOut, ScheduleOut, SchedulePath, SchedulesOut
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

schedules_api = api_blueprint("schedules_api", __name__, tag="Jobs")


@schedules_api.get("/schedules", summary="List schedules", responses={200: SchedulesOut})
@requires(Permission.JOBS_MANAGE)
def index() -> Response:
    items = [ScheduleOut.of(row) for row in schedules.list_schedules()]
    return json_response(SchedulesOut(items=items))


@schedules_api.get(
    "/schedules/<name>", summary="Show a schedule", responses=problem_responses(404) | {200: ScheduleOut}
)
@requires(Permission.JOBS_MANAGE)
def show(path: SchedulePath) -> Response:
    return _response(path.name)


@schedules_api.post(
    "/schedules/<name>/pause",
    summary="Pause a schedule",
    description="No more jobs are started until it is resumed. Idempotent.",
    responses=problem_responses(404) | {200: ScheduleOut},
)
@requires(Permission.JOBS_MANAGE)
def pause(path: SchedulePath) -> Response:
    def work() -> Response:
        schedules.pause(path.name, by=actor())
        return _response(path.name)

    return idempotent(work)


@schedules_api.delete(
    "/schedules/<name>/pause",
    summary="Resume a schedule",
    description="It continues at the next regular time. Runs that were missed are skipped. Idempotent.",
    responses=problem_responses(404) | {200: ScheduleOut},
)
@requires(Permission.JOBS_MANAGE)
def resume(path: SchedulePath) -> Response:
    schedules.resume(path.name, by=actor())
    return _response(path.name)


@schedules_api.post(
    "/schedules/<name>/run",
    summary="Run a schedule now",
    description="Starts a job. The next regular run does not change.",
    responses=problem_responses(404) | {201: JobOut},
)
@requires(Permission.JOBS_MANAGE)
def run_now(path: SchedulePath) -> Response:
    return idempotent(lambda: started_job(schedules.run_now(path.name, by=actor()).id))


def _response(name: str) -> Response:
    return json_response(ScheduleOut.of(schedules.get_schedule(name)))
