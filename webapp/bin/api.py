"""The bin in the JSON API."""

from __future__ import annotations

from flask import Response

from webapp.attributes.display import viewer_attributes
from webapp.bin.schemas import RestorationIn
from webapp.bin.services import delete_user, purge_user, restore_user
from webapp.core.permissions import Permission
from webapp.users.models import User
from webapp.users.schemas import UserOut, UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, if_match, json_with_etag
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import batchable

bin_api = api_blueprint("bin_api", __name__, tag="Users")


@bin_api.delete(
    "/users/<uuid:user_id>",
    summary="Delete a user",
    description="Moves the user to the bin, where they can be restored for a while. Other users can use their e-mail"
    " and username immediately. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.USERS_DELETE, sudo=True)
@batchable()
def delete(path: UserPath) -> Response:
    with if_match(lambda: _shown(get_visible_user(path.user_id))) as version:
        delete_user(path.user_id, version=version, by=actor())
    return Response(status=204)


@bin_api.post(
    "/users/<uuid:user_id>/restoration",
    summary="Restore a user",
    description="Restores a user from the bin, unchanged. 409 if another user has a unique value now: send a different"
    " value for the field in the problem.",
    responses=problem_responses(404, 409) | {200: UserOut},
)
@requires(Permission.USERS_DELETE)
@batchable()
def restore(path: UserPath, body: RestorationIn) -> Response:
    fields = body.model_dump(exclude_unset=True)
    return idempotent(lambda: json_with_etag(_shown(restore_user(path.user_id, **fields, by=actor()))))


@bin_api.post(
    "/users/<uuid:user_id>/erasure",
    summary="Erase a user",
    description="Erases the data of a deleted user. This cannot be undone. The audit trail keeps their changes under a"
    " pseudonym. 400 for a user who is not deleted.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.USERS_PURGE, sudo=True)
def erase(path: UserPath) -> Response:
    def work() -> Response:
        purge_user(get_visible_user(path.user_id).id, by=actor())
        return Response(status=204)

    return idempotent(work)


def _shown(user: User) -> UserOut:
    return UserOut.of(user, attributes=viewer_attributes())
