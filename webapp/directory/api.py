"""The JSON API of the list of users."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi import APIBlueprint, Tag

from webapp.attributes.display import viewer_attributes
from webapp.core.permissions import Permission
from webapp.directory.listing import list_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListQuery, UserPage
from webapp.web.api import SECURITY, problem_responses
from webapp.web.guards import requires
from webapp.web.paging import parse_query_parameters
from webapp.web.templating import url_with

directory_api = APIBlueprint(
    "directory_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Users")],
    abp_security=SECURITY,
    abp_responses=problem_responses(401, 403),
)


@directory_api.get("/users", summary="List and find users", responses=problem_responses(400) | {200: UserPage})
@requires(Permission.USERS_READ)
def index(query: UserListQuery) -> Response:
    # Parse the address again: the parameters of attributes are not in the OpenAPI schema.
    query = parse_query_parameters(UserListQuery)
    page = list_users(query, current_viewer())
    response = jsonify(UserPage.of(page, viewer_attributes()).model_dump(mode="json"))
    links = {"next": ("after", page.next), "prev": ("before", page.previous), "last": ("before", page.last)}
    for relation, (parameter, cursor) in links.items():
        if cursor:
            response.headers.add("Link", f'<{url_with(**{parameter: cursor})}>; rel="{relation}"')
    return response
