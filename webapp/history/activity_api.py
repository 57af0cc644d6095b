"""The activity of a person in the JSON API: the changes of them that the caller may see."""

from __future__ import annotations

from flask import Response

from webapp.audit.archives import archived_before
from webapp.audit.queries import NEWEST_FIRST, records_of
from webapp.core.permissions import Permission
from webapp.history.log import shown_changes
from webapp.history.schemas import ActivityOut, ActivityPage
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, page_response
from webapp.web.guards import requires
from webapp.web.openapi import problem_responses
from webapp.web.replicas import from_replica

activity_api = api_blueprint("activity_api", __name__, tag="Users")


@activity_api.get(
    "/users/<uuid:user_id>/activity",
    summary="List the changes of a user",
    description="Newest first, without attributes that you may not see. `/audit-records` has all details.",
    responses=problem_responses(404) | {200: ActivityPage},
)
@requires(Permission.USERS_READ)
@from_replica
def index(path: UserPath, query: PageQuery) -> Response:
    user_id = get_visible_user(path.user_id).id
    page = paginate(records_of(user_id), NEWEST_FIRST, query.window)
    items = [ActivityOut.of(record, shown_changes(record)) for record in page.items]
    return page_response(ActivityPage(items=items, archived_before=archived_before(), **page_fields(page)), page)
