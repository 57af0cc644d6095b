"""Scheduled exports in the JSON API. Everyone sees their own."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.scheduled_exports.models import ScheduledExport
from webapp.scheduled_exports.queries import NEWEST_FIRST, OLDEST_FIRST, get_export, list_exports, list_runs
from webapp.scheduled_exports.schemas import (
    ExportPath,
    ExportRunOut,
    ExportRunsPage,
    ScheduledExportIn,
    ScheduledExportOut,
    ScheduledExportPatch,
    ScheduledExportsPage,
)
from webapp.scheduled_exports.services import (
    create_export,
    delete_export,
    pause_export,
    restore_export,
    resume_export,
    run_export,
    update_export,
)
from webapp.web.api import api_blueprint, if_match, json_with_etag, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

scheduled_exports_api = api_blueprint("scheduled_exports_api", __name__, tag="Bulk changes")
EXPORT = Permission.USERS_EXPORT


@scheduled_exports_api.get(
    "/scheduled-exports",
    summary="List scheduled exports",
    description="Yours, the oldest first.",
    responses={200: ScheduledExportsPage},
)
@requires(EXPORT)
def index(query: PageQuery) -> Response:
    page = paginate(list_exports(owner_id=actor().id), OLDEST_FIRST, query.window)
    items = [ScheduledExportOut.of(export) for export in page.items]
    return page_response(ScheduledExportsPage(items=items, **page_fields(page)), page)


@scheduled_exports_api.post(
    "/scheduled-exports",
    summary="Schedule an export",
    description="Creates a file regularly. 409 if you have too many.",
    responses=problem_responses(409) | {201: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def create(body: ScheduledExportIn) -> Response:
    def work() -> Response:
        export = create_export(**body.values, by=actor())
        response = _response(export)
        response.status_code = 201
        response.headers["Location"] = url_for("scheduled_exports_api.show", export_id=export.id)
        return response

    return idempotent(work)


@scheduled_exports_api.get(
    "/scheduled-exports/<uuid:export_id>",
    summary="Show a scheduled export",
    responses=problem_responses(404) | {200: ScheduledExportOut},
)
@requires(EXPORT)
def show(path: ExportPath) -> Response:
    return _response(_own(path))


@scheduled_exports_api.patch(
    "/scheduled-exports/<uuid:export_id>",
    summary="Change a scheduled export",
    description="A JSON merge patch (RFC 7396).",
    responses=problem_responses(404, 412) | {200: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def update(path: ExportPath, body: ScheduledExportPatch) -> Response:
    with if_match(lambda: ScheduledExportOut.of(_own(path))) as version:
        return _response(update_export(path.export_id, version=version, **body.changes, by=actor()))


@scheduled_exports_api.delete(
    "/scheduled-exports/<uuid:export_id>",
    summary="Delete a scheduled export",
    description="It creates no more files. It can be restored for 30 days. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(EXPORT)
def delete(path: ExportPath) -> Response:
    with if_match(lambda: ScheduledExportOut.of(_own(path))) as version:
        delete_export(path.export_id, version=version, by=actor())
    return Response(status=204)


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/restoration",
    summary="Restore a scheduled export",
    description="It is paused then. 409 if you have too many. Idempotent.",
    responses=problem_responses(404, 409) | {200: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def restore(path: ExportPath) -> Response:
    return idempotent(lambda: _response(restore_export(path.export_id, by=actor())))


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/pause",
    summary="Pause a scheduled export",
    description="It creates no files until the pause ends. Idempotent.",
    responses=problem_responses(404) | {200: ScheduledExportOut},
)
@requires(EXPORT)
def pause(path: ExportPath) -> Response:
    return idempotent(lambda: _response(pause_export(path.export_id, by=actor())))


@scheduled_exports_api.delete(
    "/scheduled-exports/<uuid:export_id>/pause",
    summary="Resume a scheduled export",
    description="It runs at its next time. Times that were missed are skipped. Idempotent.",
    responses=problem_responses(404) | {200: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def resume(path: ExportPath) -> Response:
    return _response(resume_export(path.export_id, by=actor()))


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/run",
    summary="Create the file of a scheduled export now",
    description="409 if it is running. List its runs to see how it ended.",
    responses=problem_responses(404, 409) | {202: ExportRunOut},
)
@requires(EXPORT, sudo=True)
def run(path: ExportPath) -> Response:
    def work() -> Response:
        response = jsonify(ExportRunOut.of(run_export(path.export_id, by=actor())).model_dump(mode="json"))
        response.status_code = 202
        return response

    return idempotent(work)


@scheduled_exports_api.get(
    "/scheduled-exports/<uuid:export_id>/runs",
    summary="List the runs of a scheduled export",
    description="The newest first. They are kept for 90 days.",
    responses=problem_responses(404) | {200: ExportRunsPage},
)
@requires(EXPORT)
def runs(path: ExportPath, query: PageQuery) -> Response:
    page = paginate(list_runs(_own(path).id), NEWEST_FIRST, query.window)
    return page_response(ExportRunsPage(items=[ExportRunOut.of(row) for row in page.items], **page_fields(page)), page)


def _own(path: ExportPath) -> ScheduledExport:
    return get_export(path.export_id, owner_id=actor().id)


def _response(export: ScheduledExport) -> Response:
    return json_with_etag(ScheduledExportOut.of(export))
