"""The JSON API of attributes."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from webapp.attributes.models import Attribute
from webapp.attributes.queries import get_attribute, live_attributes
from webapp.attributes.schemas import (
    AttributeIn,
    AttributeOut,
    AttributePatch,
    AttributePath,
    AttributesOut,
    PositionIn,
)
from webapp.attributes.services import (
    create_attribute,
    delete_attribute,
    place_attribute,
    restore_attribute,
    update_attribute,
)
from webapp.core.permissions import Permission
from webapp.web.api import api_blueprint, created_response, if_match, json_response, json_with_etag
from webapp.web.guards import actor, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses

attributes_api = api_blueprint("attributes_api", __name__, tag="Attributes")


@attributes_api.get("/attributes", summary="List attributes", responses={200: AttributesOut})
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def index() -> Response:
    items = [AttributeOut.of(attribute) for attribute in live_attributes()]
    return json_response(AttributesOut(items=items))


@attributes_api.post(
    "/attributes",
    summary="Create an attribute",
    description="422 if the key is or was in use.",
    responses=problem_responses(409) | {201: AttributeOut},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def create(body: AttributeIn) -> Response:
    return idempotent(lambda: _created(create_attribute(**body.model_dump(), by=actor())))


@attributes_api.get(
    "/attributes/<uuid:attribute_id>",
    summary="Show an attribute",
    responses=problem_responses(404) | {200: AttributeOut},
)
@requires(Permission.SETTINGS_MANAGE, everywhere=True)
def show(path: AttributePath) -> Response:
    return json_with_etag(_shown(path.attribute_id))


@attributes_api.patch(
    "/attributes/<uuid:attribute_id>",
    summary="Change an attribute",
    description="A JSON merge patch (RFC 7396). 422 if the values of users do not allow the change.",
    responses=problem_responses(404, 412) | {200: AttributeOut},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def update(path: AttributePath, body: AttributePatch) -> Response:
    with if_match(lambda: _shown(path.attribute_id)) as version:
        changed = update_attribute(path.attribute_id, version=version, **body.changes, by=actor())
        return json_with_etag(AttributeOut.of(changed))


@attributes_api.delete(
    "/attributes/<uuid:attribute_id>",
    summary="Delete an attribute",
    description="It is hidden everywhere. Users keep their values until it is restored. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def delete(path: AttributePath) -> Response:
    with if_match(lambda: _shown(path.attribute_id)) as version:
        delete_attribute(path.attribute_id, version=version, by=actor())
    return Response(status=204)


@attributes_api.put(
    "/attributes/<uuid:attribute_id>/position",
    summary="Move an attribute",
    description="Pages and answers show attributes in this order. Idempotent.",
    responses=problem_responses(404) | {200: AttributeOut},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def place(path: AttributePath, body: PositionIn) -> Response:
    return json_with_etag(AttributeOut.of(place_attribute(path.attribute_id, position=body.position, by=actor())))


@attributes_api.post(
    "/attributes/<uuid:attribute_id>/restoration",
    summary="Restore an attribute",
    description="409 if another attribute has its name now. Idempotent.",
    responses=problem_responses(404, 409) | {200: AttributeOut},
)
@requires(Permission.SETTINGS_MANAGE, sudo=True, everywhere=True)
def restore(path: AttributePath) -> Response:
    return idempotent(lambda: json_with_etag(AttributeOut.of(restore_attribute(path.attribute_id, by=actor()))))


def _shown(attribute_id: UUID) -> AttributeOut:
    return AttributeOut.of(get_attribute(attribute_id))


def _created(attribute: Attribute) -> Response:
    return created_response(
        json_with_etag(AttributeOut.of(attribute)), "attributes_api.show", attribute_id=attribute.id
    )
