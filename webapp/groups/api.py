"""The JSON API of groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from webapp.access.models import Group
from webapp.access.queries import search_groups
from webapp.core.permissions import Permission
from webapp.groups.queries import BY_NAME, get_visible_group, groups_by_id
from webapp.groups.schemas import (
    GroupAnswer,
    GroupExpansion,
    GroupIn,
    GroupListApiQuery,
    GroupOut,
    GroupPage,
    GroupPageAnswer,
    GroupParent,
    GroupPatch,
    GroupPath,
    SparseGroups,
)
from webapp.groups.services import create_group, delete_group, patch_group, restore_group
from webapp.groups.tree import manageable
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.lists.sparse import shape
from webapp.web.api import api_blueprint, created_response, if_match, json_with_etag, page_response
from webapp.web.guards import actor, reach, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

groups_api = api_blueprint("groups_api", __name__, tag="Groups")


@groups_api.get(
    "/groups",
    summary="List and find groups",
    description="All groups that you can see, by name, at every level.",
    responses=problem_responses(404) | {200: GroupPageAnswer},
)
@requires(Permission.USERS_READ)
def index(query: GroupListApiQuery) -> Response:
    visible = reach(Permission.USERS_READ)
    groups = search_groups(search=query.q, reach=visible)
    if query.inside:
        groups = groups.where(Group.parent_id == get_visible_group(query.inside, reach=visible).id)
    page = paginate(groups, BY_NAME, query.window)
    rows = _shown(page.items)
    return page_response(GroupPage(items=rows, **page_fields(page)), page, _shaped(rows, query))


@groups_api.post(
    "/groups",
    summary="Create a group",
    description="404 if you cannot see the group of `parent_id`.",
    responses=problem_responses(404, 409) | {201: GroupOut},
)
@requires(Permission.GROUPS_MANAGE)
def create(body: GroupIn) -> Response:
    return idempotent(lambda: _created(create_group(**body.model_dump(), by=actor())))


@groups_api.get(
    "/groups/<uuid:group_id>", summary="Show a group", responses=problem_responses(404) | {200: GroupAnswer}
)
@requires(Permission.USERS_READ)
def show(path: GroupPath, query: SparseGroups) -> Response:
    row = _visible(path.group_id)
    shaped = _shaped([row], query)
    return json_with_etag(row, shaped[0] if shaped else None)


@groups_api.patch(
    "/groups/<uuid:group_id>",
    summary="Change or move a group",
    description="A JSON merge patch (RFC 7396). Fields that you leave out stay as they are, null empties a field.",
    responses=problem_responses(404, 409, 412) | {200: GroupOut},
)
@requires(Permission.GROUPS_MANAGE)
def update(path: GroupPath, body: GroupPatch) -> Response:
    with if_match(lambda: _visible(path.group_id)) as version:
        return _response(patch_group(path.group_id, version=version, **body.changes, by=actor()))


@groups_api.delete(
    "/groups/<uuid:group_id>",
    summary="Delete a group",
    description="Until it is restored, it has no members and gives no roles. 422 if it contains other groups."
    " Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.GROUPS_MANAGE)
def delete(path: GroupPath) -> Response:
    with if_match(lambda: _visible(path.group_id)) as version:
        delete_group(path.group_id, version=version, by=actor())
    return Response(status=204)


@groups_api.post(
    "/groups/<uuid:group_id>/restoration",
    summary="Restore a group",
    description="Its members and roles count again. 409 if another group has its name now. 404 if the group that"
    " contained it is deleted. Idempotent.",
    responses=problem_responses(404, 409) | {200: GroupOut},
)
@requires(Permission.GROUPS_MANAGE)
def restore(path: GroupPath) -> Response:
    return idempotent(lambda: _response(restore_group(path.group_id, by=actor())))


def _visible(group_id: UUID) -> GroupOut:
    return _shown([get_visible_group(group_id, reach=reach(Permission.USERS_READ))])[0]


def _shown(groups: Sequence[Group]) -> list[GroupOut]:
    parent_ids = {group.parent_id for group in groups if group.parent_id}
    visible_ids = manageable(parent_ids, reach=reach(Permission.USERS_READ))
    return [GroupOut.of(group, visible_ids=visible_ids) for group in groups]


def _shaped(rows: Sequence[GroupOut], query: SparseGroups) -> list[dict[str, Any]] | None:
    """Return the groups as `query` asks for them; None if they are sent whole."""
    if not query.fields and not query.expand:
        return None
    # Parents that the viewer cannot see are left out of the rows already.
    parents = groups_by_id({row.parent_id for row in rows if row.parent_id}) if query.expand else {}

    def expanded(row: GroupOut) -> dict[str, Any]:
        parent = parents.get(row.parent_id) if row.parent_id else None
        return GroupExpansion(parent=GroupParent.model_validate(parent) if parent else None).model_dump(mode="json")

    return [shape(row, query.fields, expanded(row) if query.expand else None) for row in rows]


def _created(group: Group) -> Response:
    return created_response(_response(group), "groups_api.show", group_id=group.id)


def _response(group: Group) -> Response:
    return json_with_etag(_shown([group])[0])
