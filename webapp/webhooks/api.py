"""The JSON API of webhooks and their deliveries."""

from __future__ import annotations

from uuid import UUID

from flask import Response, url_for

from webapp.core.permissions import Permission
from webapp.lists.page import paginate
from webapp.lists.schemas import page_fields
from webapp.web.api import api_blueprint, if_match, json_response, json_with_etag, page_response
from webapp.web.guards import actor, can, requires
from webapp.web.idempotency import idempotent
from webapp.web.openapi import problem_responses
from webapp.webhooks.checks import check_endpoint
from webapp.webhooks.deliveries import send_again, send_test_event
from webapp.webhooks.models import Delivery, Endpoint
from webapp.webhooks.payloads import get_body
from webapp.webhooks.queries import NEWEST_FIRST, get_delivery, get_endpoint, list_deliveries, list_endpoints
from webapp.webhooks.schemas import (
    DeliveryListQuery,
    DeliveryOut,
    DeliveryPage,
    DeliveryPath,
    DeliveryWithBodyOut,
    SecretRotationIn,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
    WebhookPath,
    WebhookSecretOut,
    WebhooksOut,
)
from webapp.webhooks.services import (
    CreatedSecret,
    add_endpoint,
    delete_endpoint,
    pause_endpoint,
    restore_endpoint,
    resume_endpoint,
    rotate_secret,
    update_endpoint,
)

webhooks_api = api_blueprint("webhooks_api", __name__, tag="Webhooks")


@webhooks_api.get("/webhooks", summary="List webhooks", responses={200: WebhooksOut})
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def index() -> Response:
    items = [WebhookOut.of(endpoint) for endpoint in list_endpoints()]
    return json_response(WebhooksOut(items=items))


@webhooks_api.post(
    "/webhooks",
    summary="Create a webhook",
    description="It gets events from now on. The answer is the only one with its secret. 409 if there are too many.",
    responses=problem_responses(409) | {201: WebhookSecretOut},
)
@requires(Permission.WEBHOOKS_MANAGE, sudo=True, everywhere=True)
def create(body: WebhookIn) -> Response:
    checked = check_endpoint(**body.model_dump())
    return idempotent(lambda: _with_secret(add_endpoint(checked, by=actor()), 201), secret=True)


@webhooks_api.get(
    "/webhooks/<uuid:webhook_id>", summary="Show a webhook", responses=problem_responses(404) | {200: WebhookOut}
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def show(path: WebhookPath) -> Response:
    return json_with_etag(_shown(path.webhook_id))


@webhooks_api.patch(
    "/webhooks/<uuid:webhook_id>",
    summary="Change a webhook",
    description="A JSON merge patch (RFC 7396).",
    responses=problem_responses(404, 412) | {200: WebhookOut},
)
@requires(Permission.WEBHOOKS_MANAGE, sudo=True, everywhere=True)
def update(path: WebhookPath, body: WebhookPatch) -> Response:
    with if_match(lambda: _shown(path.webhook_id)) as version:
        return _response(update_endpoint(path.webhook_id, version=version, **body.changes, by=actor()))


@webhooks_api.delete(
    "/webhooks/<uuid:webhook_id>",
    summary="Delete a webhook",
    description="It gets nothing more. It can be restored for 30 days. Idempotent.",
    responses=problem_responses(404, 412) | {204: None},
)
@requires(Permission.WEBHOOKS_MANAGE, sudo=True, everywhere=True)
def delete(path: WebhookPath) -> Response:
    with if_match(lambda: _shown(path.webhook_id)) as version:
        delete_endpoint(path.webhook_id, version=version, by=actor())
    return Response(status=204)


@webhooks_api.post(
    "/webhooks/<uuid:webhook_id>/restoration",
    summary="Restore a webhook",
    description="It is paused then. 409 if there are too many. Idempotent.",
    responses=problem_responses(404, 409) | {200: WebhookOut},
)
@requires(Permission.WEBHOOKS_MANAGE, sudo=True, everywhere=True)
def restore(path: WebhookPath) -> Response:
    return idempotent(lambda: _response(restore_endpoint(path.webhook_id, by=actor())))


@webhooks_api.post(
    "/webhooks/<uuid:webhook_id>/pause",
    summary="Pause a webhook",
    description="Nothing is sent until the pause ends. Idempotent.",
    responses=problem_responses(404) | {200: WebhookOut},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def pause(path: WebhookPath) -> Response:
    return idempotent(lambda: _response(pause_endpoint(path.webhook_id, by=actor())))


@webhooks_api.delete(
    "/webhooks/<uuid:webhook_id>/pause",
    summary="Resume a webhook",
    description="Sends again, also what happened during the pause. Idempotent.",
    responses=problem_responses(404) | {200: WebhookOut},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def resume(path: WebhookPath) -> Response:
    return _response(resume_endpoint(path.webhook_id, by=actor()))


@webhooks_api.post(
    "/webhooks/<uuid:webhook_id>/rotation",
    summary="Replace the secret of a webhook",
    description="For some more hours, deliveries have signatures with both secrets.",
    responses=problem_responses(404) | {200: WebhookSecretOut},
)
@requires(Permission.WEBHOOKS_MANAGE, sudo=True, everywhere=True)
def rotate(path: WebhookPath, body: SecretRotationIn) -> Response:
    hours = body.overlap_hours
    return idempotent(
        lambda: _with_secret(rotate_secret(path.webhook_id, overlap_hours=hours, by=actor()), 200), secret=True
    )


@webhooks_api.post(
    "/webhooks/<uuid:webhook_id>/test",
    summary="Send a test event",
    description="It is sent at once, with the type `webhook.test`. 409 if the webhook is paused.",
    responses=problem_responses(404, 409) | {202: DeliveryOut},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def test(path: WebhookPath) -> Response:
    return idempotent(lambda: _accepted(send_test_event(path.webhook_id, by=actor())))


@webhooks_api.get(
    "/webhooks/<uuid:webhook_id>/deliveries",
    summary="List the deliveries of a webhook",
    description="The newest first. They are kept for 30 days.",
    responses=problem_responses(404) | {200: DeliveryPage},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def deliveries(path: WebhookPath, query: DeliveryListQuery) -> Response:
    endpoint = get_endpoint(path.webhook_id)
    page = paginate(list_deliveries(endpoint.id, state=query.delivery_state), NEWEST_FIRST, query.window)
    return page_response(DeliveryPage(items=[DeliveryOut.of(row) for row in page.items], **page_fields(page)), page)


@webhooks_api.get(
    "/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>",
    summary="Show a delivery",
    description="Its `body` names people, so it takes `audit.read` as well.",
    responses=problem_responses(404) | {200: DeliveryWithBodyOut},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def delivery(path: DeliveryPath) -> Response:
    row = get_delivery(path.webhook_id, path.delivery_id)
    body = get_body(row) if can(Permission.AUDIT_READ, everywhere=True) else None
    return json_response(DeliveryWithBodyOut.with_body(row, body))


@webhooks_api.post(
    "/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redelivery",
    summary="Send a delivery again",
    description="At once, with the same `webhook-id`. 409 if the webhook is paused.",
    responses=problem_responses(404, 409) | {202: DeliveryOut},
)
@requires(Permission.WEBHOOKS_MANAGE, everywhere=True)
def redeliver(path: DeliveryPath) -> Response:
    return idempotent(lambda: _accepted(send_again(path.webhook_id, path.delivery_id, by=actor())))


def _shown(webhook_id: UUID) -> WebhookOut:
    return WebhookOut.of(get_endpoint(webhook_id))


def _response(endpoint: Endpoint) -> Response:
    return json_with_etag(WebhookOut.of(endpoint))


def _with_secret(created: CreatedSecret, status: int) -> Response:
    response = json_with_etag(WebhookSecretOut.with_secret(*created))
    response.status_code = status
    if status == 201:
        response.headers["Location"] = url_for("webhooks_api.show", webhook_id=created.endpoint.id)
    return response


def _accepted(row: Delivery) -> Response:
    response = json_response(DeliveryOut.of(row))
    response.status_code = 202
    return response
