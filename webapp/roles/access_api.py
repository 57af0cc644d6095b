"""What a person may do and why, in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.access.powers import powers_of
from webapp.access.queries import grants_of_user, memberships_of_user
from webapp.core.permissions import Permission
from webapp.roles.access_schemas import AccessOut
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import requires
from webapp.web.openapi import problem_responses

access_api = api_blueprint("access_api", __name__, tag="Roles")


@access_api.get(
    "/users/<uuid:user_id>/access",
    summary="Show what a user can do and why",
    description="Each permission with the grants that give it, through the user's own roles and those of their groups.",
    responses=problem_responses(404) | {200: AccessOut},
)
@requires(Permission.USERS_READ)
def show(path: UserPath) -> Response:
    user_id = get_visible_user(path.user_id).id
    access = AccessOut.of(
        user_id, powers_of(user_id), grants=grants_of_user(user_id), memberships=memberships_of_user(user_id)
    )
    return json_response(access)
