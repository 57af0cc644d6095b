"""Scheduled exports in the JSON API. Everyone sees their own."""

from __future__ import annotations

from flask import Response

from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.recurring.queries import get_row, list_rows, list_runs, newest_first
from webapp.recurring.services import delete_row, pause_row, restore_row, resume_row, run_row
from webapp.scheduled_exports.kind import EXPORTS
from webapp.scheduled_exports.models import ScheduledExport
from webapp.scheduled_exports.queries import OLDEST_FIRST
from webapp.scheduled_exports.schemas import (
    ExportPath,
    ExportRunOut,
    ExportRunsPage,
    ScheduledExportIn,
    ScheduledExportOut,
    ScheduledExportPatch,
    ScheduledExportsPage,
)
from webapp.scheduled_exports.services import create_export, update_export
from webapp.web.api import accepted_response, api_blueprint, created_response, if_match, json_with_etag, page_response
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
    page = paginate(list_rows(EXPORTS, owner_id=actor().id), OLDEST_FIRST, query.window)
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
    return idempotent(lambda: _created(create_export(**body.values, by=actor())))


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
        delete_row(EXPORTS, path.export_id, version=version, by=actor())
    return Response(status=204)


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/restoration",
    summary="Restore a scheduled export",
    description="It is paused then. 409 if you have too many. Idempotent.",
    responses=problem_responses(404, 409) | {200: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def restore(path: ExportPath) -> Response:
    return idempotent(lambda: _response(restore_row(EXPORTS, path.export_id, by=actor())))


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/pause",
    summary="Pause a scheduled export",
    description="It creates no files until the pause ends. Idempotent.",
    responses=problem_responses(404) | {200: ScheduledExportOut},
)
@requires(EXPORT)
def pause(path: ExportPath) -> Response:
    return idempotent(lambda: _response(pause_row(EXPORTS, path.export_id, by=actor())))


@scheduled_exports_api.delete(
    "/scheduled-exports/<uuid:export_id>/pause",
    summary="Resume a scheduled export",
    description="It runs at its next time. Times that were missed are skipped. Idempotent.",
    responses=problem_responses(404) | {200: ScheduledExportOut},
)
@requires(EXPORT, sudo=True)
def resume(path: ExportPath) -> Response:
    return _response(resume_row(EXPORTS, path.export_id, by=actor()))


@scheduled_exports_api.post(
    "/scheduled-exports/<uuid:export_id>/run",
    summary="Create the file of a scheduled export now",
    description="409 if it is running. List its runs to see how it ended.",
    responses=problem_responses(404, 409) | {202: ExportRunOut},
)
@requires(EXPORT, sudo=True)
def run(path: ExportPath) -> Response:
    return idempotent(lambda: accepted_response(ExportRunOut.of(run_row(EXPORTS, path.export_id, by=actor()))))


@scheduled_exports_api.get(
    "/scheduled-exports/<uuid:export_id>/runs",
    summary="List the runs of a scheduled export",
    description="The newest first. They are kept for 90 days.",
    responses=problem_responses(404) | {200: ExportRunsPage},
)
@requires(EXPORT)
def runs(path: ExportPath, query: PageQuery) -> Response:
    page = paginate(list_runs(EXPORTS, _own(path).id), newest_first(EXPORTS), query.window)
    return page_response(ExportRunsPage(items=[ExportRunOut.of(row) for row in page.items], **page_fields(page)), page)


def _own(path: ExportPath) -> ScheduledExport:
    return get_row(EXPORTS, path.export_id, owner_id=actor().id)


def _created(export: ScheduledExport) -> Response:
    return created_response(_response(export), "scheduled_exports_api.show", export_id=export.id)


def _response(export: ScheduledExport) -> Response:
    return json_with_etag(ScheduledExportOut.of(export))
