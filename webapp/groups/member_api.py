"""The JSON API of the members of groups."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.access.models import Membership
from webapp.access.services import add_member, end_membership
from webapp.core.permissions import Permission
from webapp.groups.queries import (
    MEMBERS_BY_NAME,
    direct_members,
    future_members,
    get_membership,
    get_visible_group,
    memberships_of,
)
from webapp.groups.schemas import GroupPath, MemberIn, MemberListQuery, MemberOut, MemberPage, MemberPath
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.users.models import User
from webapp.users.queries import get_user_by_identifier
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, created_response, json_response, page_response
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

members_api = api_blueprint("members_api", __name__, tag="Groups")


@members_api.get(
    "/groups/<uuid:group_id>/members",
    summary="List the members of a group",
    description="By name, without members of groups inside it. `GET /users?group=` includes those.",
    responses=problem_responses(404) | {200: MemberPage},
)
@requires(Permission.USERS_READ)
def index(path: GroupPath, query: MemberListQuery) -> Response:
    group_id = _visible_group_id(path.group_id)
    if query.state == "future":
        people = future_members(group_id, reach=reach(Permission.USERS_READ))
    else:
        people = direct_members(group_id)
    page = paginate(people, MEMBERS_BY_NAME, query.window)
    memberships = memberships_of(group_id, [user.id for user in page.items])
    items = [MemberOut.of(memberships[user.id], user) for user in page.items]
    return page_response(MemberPage(items=items, **page_fields(page)), page)


@members_api.post(
    "/groups/<uuid:group_id>/members",
    summary="Add a member to a group",
    description="You need the permissions that the roles of the group give. 404 if you cannot see the user. 409 if they"
    " are in the group already.",
    responses=problem_responses(404, 409) | {201: MemberOut},
)
@requires(Permission.GROUPS_MANAGE)
def add(path: GroupPath, body: MemberIn) -> Response:
    user = get_user_by_identifier(body.user, reach=reach(Permission.USERS_READ))
    period = body.model_dump(exclude={"user"})
    return idempotent(lambda: _added(add_member(path.group_id, user.id, **period, by=actor()), user))


@members_api.get(
    "/groups/<uuid:group_id>/members/<uuid:user_id>",
    summary="Show a member of a group",
    description="404 if the user is not directly in the group, now or later.",
    responses=problem_responses(404) | {200: MemberOut},
)
@requires(Permission.USERS_READ)
def show(path: MemberPath) -> Response:
    membership = get_membership(_visible_group_id(path.group_id), path.user_id)
    return _response(membership, get_visible_user(path.user_id))


@members_api.delete(
    "/groups/<uuid:group_id>/members/<uuid:user_id>",
    summary="Remove a member from a group",
    description="The membership ends now. Also one that has not started. 404 if there is none.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.GROUPS_MANAGE)
def remove(path: MemberPath) -> Response:
    membership = get_membership(_visible_group_id(path.group_id), path.user_id)
    end_membership(membership.id, by=actor())
    return Response(status=204)


def _visible_group_id(group_id: UUID) -> UUID:
    return get_visible_group(group_id, reach=reach(Permission.USERS_READ)).id


def _added(membership: Membership, user: User) -> Response:
    return created_response(
        _response(membership, user), "members_api.show", group_id=membership.group_id, user_id=user.id
    )


def _response(membership: Membership, user: User) -> Response:
    return json_response(MemberOut.of(membership, user))
