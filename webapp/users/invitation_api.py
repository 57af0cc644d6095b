"""The JSON API of a user's invitation."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.core.errors import NotFound
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.invitations.queries import invitation_of
from webapp.users.inviting import invite_user, link_for_user, withdraw_invitation
from webapp.users.schemas import InvitationLinkOut, InvitationOut, UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import batchable

invitations_api = api_blueprint("invitations_api", __name__, tag="Users")


@invitations_api.get(
    "/users/<uuid:user_id>/invitation",
    summary="Show a user's invitation",
    responses=problem_responses(404) | {200: InvitationOut},
)
@requires(Permission.USERS_READ)
def show(path: UserPath) -> Response:
    return _response(get_visible_user(path.user_id).id)


@invitations_api.post(
    "/users/<uuid:user_id>/invitation",
    summary="Invite a user, or send the invitation again",
    description="Sends a link by e-mail. Earlier links of the user stop working. 409 if they can sign in already.",
    responses=problem_responses(404, 409) | {200: InvitationOut},
)
@requires(Permission.USERS_CREATE)
@batchable()
def send(path: UserPath) -> Response:
    return idempotent(lambda: _response(invite_user(path.user_id, by=actor()).id))


@invitations_api.delete(
    "/users/<uuid:user_id>/invitation",
    summary="Revoke a user's invitation",
    description="The link stops working. 409 if there is no open invitation.",
    responses=problem_responses(404, 409) | {200: InvitationOut},
)
@requires(Permission.USERS_CREATE)
@batchable()
def revoke(path: UserPath) -> Response:
    return _response(withdraw_invitation(path.user_id, by=actor()).id)


@invitations_api.post(
    "/users/<uuid:user_id>/invitation/link",
    summary="Create an invitation link",
    description="A link to pass on yourself. Its holder can sign in as the user. Rollcall does not store it: each"
    " request creates a new one, and earlier ones stop working. 409 if they can sign in already.",
    responses=problem_responses(404, 409) | {200: InvitationLinkOut},
)
@requires(Permission.USERS_RESET)
def create_link(path: UserPath) -> Response:
    link = InvitationLinkOut(url=link_for_user(path.user_id, by=actor()))
    return json_response(link)


def _response(user_id: UUID) -> Response:
    found = invitation_of(user_id)
    if found is None:
        raise NotFound(_("This user has no invitation"))
    return json_response(InvitationOut.model_validate(found))
