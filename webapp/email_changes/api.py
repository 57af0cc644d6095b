"""The pending change of a person's e-mail address in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.email_changes.schemas import EmailChangeOut
from webapp.email_changes.services import cancel_email_change
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.queries import open_token
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import actor, requires
from webapp.web.openapi import problem_responses

email_changes_api = api_blueprint("email_changes_api", __name__, tag="Users")


@email_changes_api.get(
    "/users/<uuid:user_id>/email-change",
    summary="Show the new e-mail address that a user asked for",
    description="It counts once they confirm it. 404 if none waits. To set an address at once, change the user.",
    responses=problem_responses(404) | {200: EmailChangeOut},
)
@requires(Permission.USERS_READ)
def show(path: UserPath) -> Response:
    user_id = get_visible_user(path.user_id).id
    pending = open_token(user_id, TokenKind.EMAIL_CHANGE)
    if pending is None:
        raise NotFound(_("This user did not ask for a new e-mail address"))
    return json_response(EmailChangeOut.of(pending))


@email_changes_api.delete(
    "/users/<uuid:user_id>/email-change",
    summary="Cancel the change of a user's e-mail address",
    description="The link that confirms the new address stops working. Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_EDIT)
def cancel(path: UserPath) -> Response:
    cancel_email_change(get_visible_user(path.user_id).id, by=actor())
    return Response(status=204)
