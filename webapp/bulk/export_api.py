"""The file of a bulk export in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.bulk.actions import EXPORT
from webapp.bulk.export_formats import CONTENT_TYPES, FileOptions
from webapp.bulk.exports import export_bulk_change
from webapp.bulk.guards import get_own_change
from webapp.bulk.queries import get_job_id
from webapp.bulk.schemas import BulkPath, ExportQuery
from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.jobs.answers import started_job
from webapp.jobs.schemas import JobOut
from webapp.web.api import api_blueprint
from webapp.web.guards import actor, requires
from webapp.web.openapi import problem_responses

bulk_export_api = api_blueprint("bulk_export_api", __name__, tag="Bulk changes")
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"content": {content_type.partition(";")[0]: _BINARY for content_type in CONTENT_TYPES.values()}}


@bulk_export_api.post(
    "/bulk-changes/<uuid:bulk_id>/file",
    summary="Export the people of a bulk change",
    description="For the action `export`. 200 with the file, or 202 with the job that creates a large one:"
    " download it from the job. Each request exports again, also with the same Idempotency-Key.",
    responses=problem_responses(404, 409) | {200: _FILE, 202: JobOut},
)
@requires(Permission.USERS_EXPORT, sudo=True)
def export(path: BulkPath, query: ExportQuery) -> Response:
    bulk, action = get_own_change(path.bulk_id)
    if action.name != EXPORT:
        raise NotFound(_("This bulk change is not an export"))
    file = export_bulk_change(bulk.id, options=FileOptions(query.format, query.headings), by=actor())
    if file is not None:
        return Response(file.content, content_type=file.content_type)
    return started_job(get_job_id(bulk.id), status=202)
