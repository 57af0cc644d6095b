"""The JSON API of roles."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.access.models import Role
from webapp.access.queries import get_role
from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.lists.sparse import shape
from webapp.roles.queries import ROLES_BY_NAME, live_roles
from webapp.roles.schemas import (
    RoleAnswer,
    RoleIn,
    RoleListQuery,
    RoleOut,
    RolePage,
    RolePageAnswer,
    RolePatch,
    RolePath,
    RoleQuery,
)
from webapp.roles.services import create_role, delete_role, patch_role, restore_role
from webapp.web.api import api_blueprint, created_response, if_match, json_with_etag, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

roles_api = api_blueprint("roles_api", __name__, tag="Roles")


@roles_api.get("/roles", summary="List roles", description="By name.", responses={200: RolePageAnswer})
@requires(Permission.ROLES_GRANT)
def index(query: RoleListQuery) -> Response:
    page = paginate(live_roles(), ROLES_BY_NAME, query.window)
    rows = [RoleOut.of(role) for role in page.items]
    shaped = [shape(row, query.fields, None) for row in rows] if query.fields else None
    return page_response(RolePage(items=rows, **page_fields(page)), page, shaped)


@roles_api.post("/roles", summary="Create a role", responses=problem_responses(409) | {201: RoleOut})
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def create(body: RoleIn) -> Response:
    return idempotent(lambda: _created(create_role(**body.model_dump(), by=actor())))


@roles_api.get("/roles/<uuid:role_id>", summary="Show a role", responses=problem_responses(404) | {200: RoleAnswer})
@requires(Permission.ROLES_GRANT)
def show(path: RolePath, query: RoleQuery) -> Response:
    row = _shown(path.role_id)
    return json_with_etag(row, shape(row, query.fields, None) if query.fields else None)


@roles_api.patch(
    "/roles/<uuid:role_id>",
    summary="Change a role",
    description="A JSON merge patch (RFC 7396). Everyone who has the role gets its new permissions at once. 403 for"
    " built-in roles.",
    responses=problem_responses(404, 409, 412) | {200: RoleOut},
)
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def update(path: RolePath, body: RolePatch) -> Response:
    with if_match(lambda: _shown(path.role_id)) as version:
        return _response(patch_role(path.role_id, version=version, **body.changes, by=actor()))


@roles_api.delete(
    "/roles/<uuid:role_id>",
    summary="Delete a role",
    description="Until it is restored, it allows nothing. 403 for built-in roles. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def delete(path: RolePath) -> Response:
    with if_match(lambda: _shown(path.role_id)) as version:
        delete_role(path.role_id, version=version, by=actor())
    return Response(status=204)


@roles_api.post(
    "/roles/<uuid:role_id>/restoration",
    summary="Restore a role",
    description="Everyone who had the role has it again. 409 if another role has its name now. Idempotent.",
    responses=problem_responses(404, 409) | {200: RoleOut},
)
@requires(Permission.ROLES_MANAGE, sudo=True, everywhere=True)
def restore(path: RolePath) -> Response:
    return idempotent(lambda: _response(restore_role(path.role_id, by=actor())))


def _shown(role_id: UUID) -> RoleOut:
    return RoleOut.of(get_role(role_id))


def _created(role: Role) -> Response:
    return created_response(_response(role), "roles_api.show", role_id=role.id)


def _response(role: Role) -> Response:
    return json_with_etag(RoleOut.of(role))
