"""The JSON API of the list of users."""

from __future__ import annotations

from flask import Response
from flask_login import current_user

from webapp.attributes.display import viewer_attributes
from webapp.core.errors import Refused
from webapp.core.permissions import Permission
from webapp.directory.listing import list_users
from webapp.directory.requests import current_viewer
from webapp.directory.schemas import UserListApiQuery, UserPage, UserPageAnswer
from webapp.directory.views.addresses import parameters_of
from webapp.directory.views.queries import get_view
from webapp.users.sparse import shape_users
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import reach, requires
from webapp.web.openapi import problem_responses
from webapp.web.paging import parse_query_parameters
from webapp.web.replicas import from_replica

directory_api = api_blueprint("directory_api", __name__, tag="Users")


@directory_api.get("/users", summary="List and find users", responses=problem_responses(404) | {200: UserPageAnswer})
@requires(Permission.USERS_READ)
@from_replica
def index(query: UserListApiQuery) -> Response:
    # Once more from the address, which may name attributes and a saved view.
    saved = parameters_of(get_view(query.view, user_id=current_user.id).address) if query.view else {}
    query = parse_query_parameters(UserListApiQuery, **saved)
    page = list_users(query, current_viewer())
    if page.search.problems:
        raise Refused(page.search.problems[0], field="q", code="not_understood")
    shown = viewer_attributes()
    body = UserPage.of(page, shown)
    return page_response(body, page, shape_users(body.items, query, shown, reach(Permission.USERS_READ)))
