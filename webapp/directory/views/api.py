"""The JSON API of saved views."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_login import current_user

from webapp.core.permissions import Permission
from webapp.directory.views.models import SavedView
from webapp.directory.views.queries import BY_NAME, get_view, list_views
from webapp.directory.views.schemas import ViewIn, ViewOut, ViewPage, ViewPatch, ViewPath
from webapp.directory.views.services import change_view, delete_view, save_view, stop_sharing
from webapp.lists.page import paginate
from webapp.lists.schemas import PageQuery, page_fields
from webapp.users.queries import get_user
from webapp.web.api import api_blueprint, created_response, if_match, json_with_etag, page_response
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

views_api = api_blueprint("views_api", __name__, tag="Views")


@views_api.get(
    "/views",
    summary="List views",
    description="Your own views and those that others share, by name.",
    responses={200: ViewPage},
)
@requires(Permission.USERS_READ)
def index(query: PageQuery) -> Response:
    page = paginate(list_views(current_user.id), BY_NAME, query.window)
    return page_response(ViewPage(items=[ViewOut.of(view) for view in page.items], **page_fields(page)), page)


@views_api.post(
    "/views",
    summary="Save a view",
    description="A search with a name. It belongs to the owner of the token.",
    responses=problem_responses(409) | {201: ViewOut},
)
@requires(Permission.USERS_READ)
def create(body: ViewIn) -> Response:
    return idempotent(lambda: _created(save_view(**body.model_dump(), by=actor())))


@views_api.get("/views/<uuid:view_id>", summary="Show a view", responses=problem_responses(404) | {200: ViewOut})
@requires(Permission.USERS_READ)
def show(path: ViewPath) -> Response:
    return json_with_etag(_shown(path.view_id))


@views_api.patch(
    "/views/<uuid:view_id>",
    summary="Change a view",
    description="A JSON merge patch (RFC 7396). 403 for views of others.",
    responses=problem_responses(404, 409, 412) | {200: ViewOut},
)
@requires(Permission.USERS_READ)
def update(path: ViewPath, body: ViewPatch) -> Response:
    with if_match(lambda: _shown(path.view_id)) as version:
        return _response(change_view(path.view_id, version=version, **body.changes, by=actor()))


@views_api.delete(
    "/views/<uuid:view_id>",
    summary="Delete a view",
    description="403 for views of others. To restore it, undo its audit record.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.USERS_READ)
def delete(path: ViewPath) -> Response:
    with if_match(lambda: _shown(path.view_id)) as version:
        delete_view(path.view_id, version=version, by=actor())
    return Response(status=204)


@views_api.delete(
    "/views/<uuid:view_id>/sharing",
    summary="Stop sharing a view",
    description="Also a view of someone else, with `views.share`. Then only its owner sees it. 404 for others.",
    responses=problem_responses(404) | {204: None},
)
@requires(Permission.USERS_READ)
def end_sharing(path: ViewPath) -> Response:
    stop_sharing(path.view_id, by=actor())
    return Response(status=204)


def _shown(view_id: UUID) -> ViewOut:
    view = get_view(view_id, user_id=current_user.id)
    return ViewOut.of(view, get_user(view.owner_id))


def _created(view: SavedView) -> Response:
    return created_response(_response(view), "views_api.show", view_id=view.id)


def _response(view: SavedView) -> Response:
    return json_with_etag(ViewOut.of(view, get_user(view.owner_id)))
