"""The JSON API of users."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from webapp.access.models import Group, Role
from webapp.access.queries import ids_by_name
from webapp.access.summaries import AccessSummary, access_summaries
from webapp.attributes.display import viewer_attributes
from webapp.core.errors import Invalid
from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.users.models import User
from webapp.users.queries import get_listed_user
from webapp.users.schemas import UserIn, UserOut, UserPatch, UserPath
from webapp.users.services import (
    NewUser,
    add_user,
    add_users,
    build_user,
    deactivate_user,
    reactivate_user,
    update_user,
)
from webapp.users.sparse import SparseUsers, UserAnswer, shape_users
from webapp.web.api import api_blueprint, created_response, if_match, json_with_etag
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.web.operations import Several, batchable

users_api = api_blueprint("users_api", __name__, tag="Users")


def _create_several(bodies: Sequence[UserIn]) -> list[Response]:
    new = []
    for body in bodies:
        fields = body.model_dump(exclude={"roles", "groups", "invite"})
        new.append(NewUser(build_user(**fields), body.attributes, body.invite is not False))
    add_users(new, by=actor())
    shown, access = viewer_attributes(), access_summaries([each.user.id for each in new])
    return [_created_response(UserOut.of(each.user, access[each.user.id], shown)) for each in new]


def _fits_several(body: UserIn) -> bool:
    return not (body.password or body.roles or body.groups)


@users_api.post(
    "/users",
    summary="Create a user",
    responses=problem_responses(409) | {201: UserOut},
)
@requires(Permission.USERS_CREATE)
@batchable(Several(_create_several, _fits_several))
def create(body: UserIn) -> Response:
    if body.invite and body.password:
        raise Invalid(_("A user with a password gets no invitation"), field="invite", code="with_password")
    creates, sees = reach(Permission.USERS_CREATE), reach(Permission.USERS_READ)
    visible = sees if creates is None or sees is None else creates | sees
    roles, groups = ids_by_name(Role, body.roles), ids_by_name(Group, body.groups, reach=visible)
    fields, shown = body.model_dump(exclude={"roles", "groups", "invite"}), viewer_attributes()
    user = build_user(**fields, form_attributes=shown, by=actor())
    # A caller who creates people only in groups may add them to one without naming it.
    access = AccessSummary() if creates is None and not roles and not groups else None
    return idempotent(
        lambda: _created(
            add_user(
                user,
                by=actor(),
                roles=roles,
                groups=groups,
                attributes=body.attributes,
                form_attributes=shown,
                invite=body.invite is not False,
            ),
            access,
        )
    )


@users_api.get("/users/<uuid:user_id>", summary="Show a user", responses=problem_responses(404) | {200: UserAnswer})
@requires(Permission.USERS_READ)
def show(path: UserPath, query: SparseUsers) -> Response:
    user = _shown(path.user_id)
    shaped = shape_users([user], query, viewer_attributes(), reach(Permission.USERS_READ))
    return json_with_etag(user, shaped[0] if shaped else None)


@users_api.patch(
    "/users/<uuid:user_id>",
    summary="Change a user",
    description="A JSON merge patch (RFC 7396). Fields that you leave out stay as they are, null empties a field.",
    responses=problem_responses(404, 409, 412) | {200: UserOut},
)
@requires(Permission.USERS_EDIT)
@batchable()
def update(path: UserPath, body: UserPatch) -> Response:
    with if_match(lambda: _shown(path.user_id)) as version:
        fields = body.model_dump(exclude_unset=True)
        return user_response(update_user(path.user_id, version=version, **fields, by=actor()))


@users_api.post(
    "/users/<uuid:user_id>/deactivation",
    summary="Deactivate a user",
    description="The user loses access at once. Nothing is deleted.",
    responses=problem_responses(404, 409) | {200: UserOut},
)
@requires(Permission.USERS_DEACTIVATE)
@batchable()
def deactivate(path: UserPath) -> Response:
    return idempotent(lambda: user_response(deactivate_user(path.user_id, by=actor())))


@users_api.delete(
    "/users/<uuid:user_id>/deactivation",
    summary="Reactivate a user",
    responses=problem_responses(404, 409) | {200: UserOut},
)
@requires(Permission.USERS_DEACTIVATE)
@batchable()
def reactivate(path: UserPath) -> Response:
    return user_response(reactivate_user(path.user_id, by=actor()))


def _shown(user_id: UUID) -> UserOut:
    return UserOut.of(get_listed_user(user_id, reach=reach(Permission.USERS_READ)), attributes=viewer_attributes())


def _created(user: User, access: AccessSummary | None) -> Response:
    return _created_response(UserOut.of(user, access, viewer_attributes()))


def _created_response(user: UserOut) -> Response:
    return created_response(json_with_etag(user), "users_api.show", user_id=user.id)


def user_response(user: User) -> Response:
    return json_with_etag(UserOut.of(user, attributes=viewer_attributes()))
