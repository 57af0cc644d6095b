"""Photos in the JSON API."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from webapp.core.errors import Invalid
from webapp.core.permissions import Permission
from webapp.photos.images import PHOTO_SIDE, PHOTO_TYPE
from webapp.photos.queries import get_photo
from webapp.photos.schemas import PhotoIn, PhotoOut
from webapp.photos.services import remove_photo, set_photo
from webapp.users.schemas import UserPath
from webapp.users.viewer import get_visible_user
from webapp.web.api import api_blueprint, json_response
from webapp.web.guards import actor, requires
from webapp.web.middleware import accepts_body
from webapp.web.openapi import problem_responses

photos_api = api_blueprint("photos_api", __name__, tag="Users")
# Base64 makes a picture a third larger.
BODY_MAX = 12 * 1024 * 1024
_ETAG = {"ETag": {"description": "The hash of the image.", "schema": {"type": "string"}}}
_IMAGE = {"content": {PHOTO_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "headers": _ETAG}


@photos_api.get(
    "/users/<uuid:user_id>/photo",
    summary="Show the photo of a user",
    description=f"A WebP image of at most {PHOTO_SIDE} × {PHOTO_SIDE} pixels. Send its ETag in `If-None-Match` to get"
    " 304 while it is the same. 404 if the user has no photo.",
    responses=problem_responses(404) | {200: _IMAGE, 304: None},
)
@requires(Permission.USERS_READ)
def show(path: UserPath) -> Response:
    photo = get_photo(get_visible_user(path.user_id).id)
    response = Response(photo.content, content_type=PHOTO_TYPE)
    response.set_etag(photo.digest)
    response.make_conditional(request)
    return response


@photos_api.put(
    "/users/<uuid:user_id>/photo",
    summary="Set the photo of a user",
    description="Rollcall cuts the picture to a square, and removes all metadata, also where it was taken. Idempotent.",
    responses=problem_responses(404, 409) | {200: PhotoOut},
)
@requires(Permission.USERS_EDIT)
@accepts_body(BODY_MAX)
def save(path: UserPath, body: PhotoIn) -> Response:
    try:
        photo = set_photo(path.user_id, body.picture, by=actor())
    except Invalid as error:
        error.problems = [replace(problem, field="content") for problem in error.problems]
        raise
    return json_response(PhotoOut.of(photo))


@photos_api.delete(
    "/users/<uuid:user_id>/photo",
    summary="Remove the photo of a user",
    description="Idempotent.",
    responses=problem_responses(404, 409) | {204: None},
)
@requires(Permission.USERS_EDIT)
def remove(path: UserPath) -> Response:
    remove_photo(path.user_id, by=actor())
    return Response(status=204)
