"""The JSON API of users."""

from __future__ import annotations

from flask import Response, jsonify, make_response, url_for
from flask_openapi import APIBlueprint, Tag

from webapp.access.models import Group, Role
from webapp.attributes.showing import shown_attributes
from webapp.core.access import Permission, actor, reach, requires
from webapp.core.api import SECURITY, problems
from webapp.core.idempotency import once
from webapp.core.lists import show_page
from webapp.core.templating import url_with
from webapp.users.models import User
from webapp.users.queries import get_user, users_by
from webapp.users.schemas import UserIn, UserListQuery, UserOut, UserPage, UserPath
from webapp.users.searching import found_users, ids_of
from webapp.users.services import add_user, prepared_user

users_api = APIBlueprint(
    "users_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Users")],
    abp_security=SECURITY,
    abp_responses=problems(401, 403),
)


@users_api.post(
    "/users",
    summary="Create a user",
    responses=problems(400, 409, 413, 415, 422) | {201: UserOut},
)
@requires(Permission.USERS_CREATE)
def create(body: UserIn) -> Response:
    roles, groups = ids_of(Role, body.roles), ids_of(Group, body.groups)
    user = prepared_user(**body.model_dump(exclude={"roles", "groups"}), by=actor())
    return once(lambda: _created(add_user(user, by=actor(), roles=roles, groups=groups, attributes=body.attributes)))


@users_api.get("/users", summary="List and find users", responses=problems(400) | {200: UserPage})
@requires(Permission.USERS_READ)
def index(query: UserListQuery) -> Response:
    page = show_page(found_users(query), users_by(query.sort), query.window)
    response = jsonify(UserPage.of(page, shown_attributes()).model_dump(mode="json"))
    links = {"next": ("after", page.next), "prev": ("before", page.previous)}
    for relation, (parameter, cursor) in links.items():
        if cursor:
            response.headers.add("Link", f'<{url_with(**{parameter: cursor})}>; rel="{relation}"')
    return response


@users_api.get("/users/<uuid:user_id>", summary="One user", responses=problems(404) | {200: UserOut})
@requires(Permission.USERS_READ)
def show(path: UserPath) -> Response:
    return _shown(get_user(path.user_id, reach=reach(Permission.USERS_READ)))


def _created(user: User) -> Response:
    response = _shown(user)
    response.status_code = 201
    response.headers["Location"] = url_for("users_api.show", user_id=user.id)
    return response


def _shown(user: User) -> Response:
    response = make_response(jsonify(UserOut.of(user, attributes=shown_attributes()).model_dump(mode="json")))
    response.set_etag(str(user.version), weak=True)
    return response
