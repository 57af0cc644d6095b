"""Imports in the JSON API: send a file, check the plan, apply, undo."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Response

from webapp.bulk.guards import check_is_idle, visible_requester_id
from webapp.bulk.people_table import visible_changes
from webapp.core.permissions import Permission
from webapp.core.texts import language
from webapp.imports.creating import upload_file
from webapp.imports.guards import get_own_import, get_visible_import
from webapp.imports.models import Import
from webapp.imports.queries import BY_NUMBER, NEWEST_FIRST, list_imports, list_rows
from webapp.imports.running import continue_import
from webapp.imports.schemas import (
    API_MB,
    ImportApplicationIn,
    ImportIn,
    ImportOut,
    ImportPage,
    ImportPath,
    ImportPreviewIn,
    ImportRowOut,
    ImportRowsPage,
    RowsQuery,
)
from webapp.imports.services import (
    begin_applying,
    begin_preview,
    begin_undo,
    discard_import,
    stop_import,
    stop_mail_out,
)
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.middleware import accepts_body
from webapp.web.openapi import problem_responses

imports_api = api_blueprint("imports_api", __name__, tag="Imports")
# Base64 makes a file a third larger.
BODY_MAX = API_MB * 1024 * 1024 * 4 // 3 + 64 * 1024
CONTINUED = "A job continues with a large file: read `state` until it ends."


@imports_api.get(
    "/imports",
    summary="List imports",
    description="Newest first. Yours, or with `jobs.read` and `users.read` for everyone all.",
    responses={200: ImportPage},
)
@requires(Permission.IMPORTS_RUN)
def index(query: PageQuery) -> Response:
    page = paginate(list_imports(requested_by_id=visible_requester_id()), NEWEST_FIRST, query.window)
    return page_response(ImportPage(items=[ImportOut.of(each) for each in page.items], **page_fields(page)), page)


@imports_api.post(
    "/imports",
    summary="Send a file",
    description=f"Recognises the file and plans its rows. Nobody is changed. {CONTINUED}",
    responses=problem_responses(409) | {201: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
@accepts_body(BODY_MAX)
def create(body: ImportIn) -> Response:
    texts = {"encoding": body.encoding, "format": body.format}
    # Before the transaction of the key: on SQLite, all others would wait until a large file is read.
    sent = upload_file(io.BytesIO(body.file), filename=body.filename, by=actor(), locale=language(), **texts)
    is_known = len(sent.info["encodings"]) == 1
    kept: list[Import] = []

    def work() -> Response:
        kept.append(begin_preview(sent.id, body.options(sent), by=actor()) if is_known else sent)
        return _created(kept[0])

    def finish() -> Response:
        return _created(continue_import(kept[0], by=actor()) if is_known else sent)

    try:
        return idempotent(work, finish=finish)
    finally:
        # A repeated request gets the answer to the first one.
        if not kept:
            discard_import(sent.id, by=actor())


@imports_api.get(
    "/imports/<uuid:import_id>",
    summary="Show an import",
    responses=problem_responses(404) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def show(path: ImportPath) -> Response:
    return _response(get_visible_import(path.import_id))


@imports_api.get(
    "/imports/<uuid:import_id>/rows",
    summary="List the rows of an import",
    description="In the order of the file, with what would happen or has happened. 409 while a job works.",
    responses=problem_responses(404, 409) | {200: ImportRowsPage},
)
@requires(Permission.IMPORTS_RUN)
def rows(path: ImportPath, query: RowsQuery) -> Response:
    imported = get_visible_import(path.import_id)
    check_is_idle(is_running=imported.is_running)
    page = paginate(list_rows(imported.id, outcomes=[query.outcome] if query.outcome else []), BY_NUMBER, query.window)
    items = [ImportRowOut.of(row, visible_changes(row.changes or [])) for row in page.items]
    return page_response(ImportRowsPage(items=items, **page_fields(page)), page)


@imports_api.post(
    "/imports/<uuid:import_id>/preview",
    summary="Plan an import again",
    description=f"Replaces the plan by one with other options. 409 once the import was applied. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def preview(path: ImportPath, body: ImportPreviewIn) -> Response:
    imported = get_own_import(path.import_id)
    return _once(lambda: begin_preview(imported.id, body.options(imported), by=actor()))


@imports_api.post(
    "/imports/<uuid:import_id>/application",
    summary="Apply an import",
    description=f"Does what the plan says. 409 if `plan_hash` is not that of the latest plan. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def apply(path: ImportPath, body: ImportApplicationIn) -> Response:
    get_own_import(path.import_id)
    return _once(lambda: begin_applying(path.import_id, plan_hash=body.plan_hash, by=actor()))


@imports_api.post(
    "/imports/<uuid:import_id>/stop",
    summary="Stop an import",
    description="What was done stays, and can be undone. 409 if it is not being applied.",
    responses=problem_responses(404, 409) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def stop(path: ImportPath) -> Response:
    get_own_import(path.import_id)
    return idempotent(lambda: _response(stop_import(path.import_id, by=actor())))


@imports_api.post(
    "/imports/<uuid:import_id>/invitations/stop",
    summary="Stop the invitations of an import",
    description="Those in the outbox are sent. Idempotent.",
    responses=problem_responses(404, 409) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def stop_invitations(path: ImportPath) -> Response:
    get_own_import(path.import_id)
    return idempotent(lambda: _response(stop_mail_out(path.import_id, by=actor())))


@imports_api.post(
    "/imports/<uuid:import_id>/undo",
    summary="Undo an import",
    description=f"New people go to the bin; people who were changed since keep their changes. {CONTINUED}",
    responses=problem_responses(404, 409) | {200: ImportOut},
)
@requires(Permission.IMPORTS_RUN)
def undo(path: ImportPath) -> Response:
    get_own_import(path.import_id)
    return _once(lambda: begin_undo(path.import_id, by=actor()))


@imports_api.delete(
    "/imports/<uuid:import_id>",
    summary="Discard an import",
    description="Deletes the file and the plan. 409 if it was applied.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.IMPORTS_RUN)
def discard(path: ImportPath) -> Response:
    get_own_import(path.import_id)
    discard_import(path.import_id, by=actor())
    return Response(status=204)


def _once(begin: Callable[[], Import]) -> Response:
    """Begin in the transaction of the key, and continue after it."""
    begun: list[Import] = []

    def work() -> Response:
        begun.append(begin())
        return _response(begun[0])

    return idempotent(work, finish=lambda: _response(continue_import(begun[0], by=actor())))


def _created(imported: Import) -> Response:
    return created_response(_response(imported), "imports_api.show", import_id=imported.id)


def _response(imported: Import) -> Response:
    return json_response(ImportOut.of(imported))
