"""The JSON API of grants: the roles of a user, of a group, and within a group."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from flask import Response, url_for

from webapp.access.models import Group, Role, RoleGrant
from webapp.access.queries import get_by_name
from webapp.access.services import end_grant, grant_role
from webapp.core.permissions import Permission
from webapp.groups.queries import get_visible_group
from webapp.groups.schemas import GroupPath
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.roles.queries import GRANTS_BY_TIME, get_grant, grants_of_group, grants_to_user, grants_within
from webapp.roles.schemas import GrantIn, GrantOut, GrantPage, GroupGrantListQuery, GroupGrantPath, UserGrantPath
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response, page_response
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import batchable

grants_api = api_blueprint("grants_api", __name__, tag="Roles")


@grants_api.get(
    "/users/<uuid:user_id>/grants",
    summary="List the roles of a user",
    description="Present and future ones, also those of the user's groups, oldest first.",
    responses=problem_responses(404) | {200: GrantPage},
)
@requires(Permission.USERS_READ)
def of_user(path: UserPath, query: PageQuery) -> Response:
    return _page(grants_to_user(get_visible_user(path.user_id).id), query)


@grants_api.post(
    "/users/<uuid:user_id>/grants",
    summary="Give a role to a user",
    description="You need the permissions of the role, for as long. To make a user owner of a group, give the role"
    " `Group owner` within it. 409 if they have the role there already.",
    responses=problem_responses(404, 409) | {201: GrantOut},
)
@requires(Permission.ROLES_GRANT, sudo=True)
@batchable()
def give_to_user(path: UserPath, body: GrantIn) -> Response:
    user_id, wanted = get_visible_user(path.user_id).id, _wanted(body)
    return idempotent(lambda: _given(grant_role(**wanted, user_id=user_id, by=actor())))


@grants_api.get(
    "/users/<uuid:user_id>/grants/<uuid:grant_id>",
    summary="Show a role of a user",
    description="Also after it has ended.",
    responses=problem_responses(404) | {200: GrantOut},
)
@requires(Permission.USERS_READ)
def show_of_user(path: UserGrantPath) -> Response:
    return _response(get_grant(path.grant_id, user_id=get_visible_user(path.user_id).id))


@grants_api.delete(
    "/users/<uuid:user_id>/grants/<uuid:grant_id>",
    summary="Remove a role from a user",
    description="It ends now. 404 for roles of the user's groups. 403 for the last owner. Idempotent.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.ROLES_GRANT, sudo=True)
@batchable()
def remove_from_user(path: UserGrantPath) -> Response:
    return _ended(get_grant(path.grant_id, user_id=get_visible_user(path.user_id).id))


@grants_api.get(
    "/groups/<uuid:group_id>/grants",
    summary="List the roles of a group",
    description="Present and future ones, oldest first.",
    responses=problem_responses(404) | {200: GrantPage},
)
@requires(Permission.USERS_READ)
def of_group(path: GroupPath, query: GroupGrantListQuery) -> Response:
    group_id = _visible_group(path.group_id)
    return _page(grants_within(group_id) if query.relation == "within" else grants_of_group(group_id), query)


@grants_api.post(
    "/groups/<uuid:group_id>/grants",
    summary="Give a role to a group",
    description="All its members have the role, also those of groups inside it. 409 if it has the role there already.",
    responses=problem_responses(404, 409) | {201: GrantOut},
)
@requires(Permission.ROLES_GRANT, sudo=True)
def give_to_group(path: GroupPath, body: GrantIn) -> Response:
    group_id, wanted = _visible_group(path.group_id), _wanted(body)
    return idempotent(lambda: _given(grant_role(**wanted, group_id=group_id, by=actor())))


@grants_api.get(
    "/groups/<uuid:group_id>/grants/<uuid:grant_id>",
    summary="Show a role of a group",
    description="Also after it has ended.",
    responses=problem_responses(404) | {200: GrantOut},
)
@requires(Permission.USERS_READ)
def show_of_group(path: GroupGrantPath) -> Response:
    return _response(get_grant(path.grant_id, group_id=_visible_group(path.group_id)))


@grants_api.delete(
    "/groups/<uuid:group_id>/grants/<uuid:grant_id>",
    summary="Remove a role from a group",
    description="It ends now. Idempotent.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.ROLES_GRANT, sudo=True)
def remove_from_group(path: GroupGrantPath) -> Response:
    return _ended(get_grant(path.grant_id, group_id=_visible_group(path.group_id)))


class Wanted(TypedDict):
    role_id: UUID
    scope_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None


def _wanted(body: GrantIn) -> Wanted:
    """Return the arguments of `grant_role`. Raise Invalid if there is no such role or group."""
    visible = reach(Permission.USERS_READ)
    scope_id = None if body.within is None else get_by_name(Group, body.within, field="within", reach=visible).id
    role_id = get_by_name(Role, body.role, field="role").id
    return Wanted(role_id=role_id, scope_id=scope_id, starts_at=body.starts_at, ends_at=body.ends_at)


def _visible_group(group_id: UUID) -> UUID:
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ)).id


def _page(grants: Any, query: PageQuery) -> Response:
    page = paginate(grants, GRANTS_BY_TIME, query.window)
    return page_response(GrantPage(items=[GrantOut.of(grant) for grant in page.items], **page_fields(page)), page)


def _given(grant: RoleGrant) -> Response:
    response = _response(grant)
    response.status_code = 201
    if grant.user_id:
        address = url_for("grants_api.show_of_user", user_id=grant.user_id, grant_id=grant.id)
    else:
        address = url_for("grants_api.show_of_group", group_id=grant.group_id, grant_id=grant.id)
    response.headers["Location"] = address
    return response


def _ended(grant: RoleGrant) -> Response:
    end_grant(grant.id, by=actor())
    return Response(status=204)


def _response(grant: RoleGrant) -> Response:
    return json_response(GrantOut.of(grant))
