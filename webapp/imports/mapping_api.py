"""Saved mappings in the JSON API."""

from __future__ import annotations

from flask import Response, jsonify

from webapp.core.permissions import Permission
from webapp.imports.mapping_schemas import MappingOut, MappingPage, MappingPatch, MappingPath
from webapp.imports.mappings import delete_mapping, rename_mapping
from webapp.imports.queries import BY_NAME, get_mapping, list_mappings
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import actor, requires
from webapp.web.openapi import problem_responses

mapping_api = api_blueprint("import_mappings_api", __name__, tag="Imports")


@mapping_api.get(
    "/import-mappings",
    summary="List saved mappings",
    description="By name. A file with the same headings as a saved mapping is read like it.",
    responses={200: MappingPage},
)
@requires(Permission.IMPORTS_RUN)
def index(query: PageQuery) -> Response:
    page = paginate(list_mappings(), BY_NAME, query.window)
    return page_response(MappingPage(items=[MappingOut.of(each) for each in page.items], **page_fields(page)), page)


@mapping_api.get(
    "/import-mappings/<uuid:mapping_id>",
    summary="Show a saved mapping",
    responses=problem_responses(404) | {200: MappingOut},
)
@requires(Permission.IMPORTS_RUN)
def show(path: MappingPath) -> Response:
    return jsonify(MappingOut.of(get_mapping(path.mapping_id)).model_dump(mode="json"))


@mapping_api.patch(
    "/import-mappings/<uuid:mapping_id>",
    summary="Rename a saved mapping",
    description="A JSON merge patch (RFC 7396). 409 if another one has the name.",
    responses=problem_responses(404, 409) | {200: MappingOut},
)
@requires(Permission.IMPORTS_RUN)
def update(path: MappingPath, body: MappingPatch) -> Response:
    if body.name is not None:
        rename_mapping(path.mapping_id, name=body.name, by=actor())
    return jsonify(MappingOut.of(get_mapping(path.mapping_id)).model_dump(mode="json"))


@mapping_api.delete(
    "/import-mappings/<uuid:mapping_id>",
    summary="Delete a saved mapping",
    description="It is suggested for no more files. Undo the record of the deletion to get it back.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.IMPORTS_RUN)
def delete(path: MappingPath) -> Response:
    delete_mapping(path.mapping_id, by=actor())
    return Response(status=204)
