"""The page of a webhook with its deliveries, and the page of a delivery."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core.permissions import Permission
from webapp.core.texts import _
from webapp.lists.page import paginate
from webapp.web.guards import actor, can, requires
from webapp.web.paging import parse_query_parameters
from webapp.webhooks.deliveries import send_again, send_test_event
from webapp.webhooks.labels import event_label
from webapp.webhooks.models import Delivery
from webapp.webhooks.payloads import get_body
from webapp.webhooks.queries import NEWEST_FIRST, get_delivery, get_endpoint, list_deliveries
from webapp.webhooks.schemas import DeliveryListQuery
from webapp.webhooks.signing import message_id

delivery_pages = Blueprint("webhook_deliveries", __name__, url_prefix="/settings/webhooks/<uuid:webhook_id>")
MANAGE = Permission.WEBHOOKS_MANAGE


@delivery_pages.get("")
@requires(MANAGE, everywhere=True)
def show(webhook_id: UUID) -> ResponseReturnValue:
    endpoint = get_endpoint(webhook_id)
    query = parse_query_parameters(DeliveryListQuery)
    page = paginate(list_deliveries(webhook_id, state=query.delivery_state), NEWEST_FIRST, query.window)
    events = [event_label(name) for name in endpoint.events]
    return render_template("webhooks/show.html", endpoint=endpoint, events=events, page=page, query=query)


@delivery_pages.post("/test")
@requires(MANAGE, everywhere=True)
def test(webhook_id: UUID) -> ResponseReturnValue:
    return _to(send_test_event(webhook_id, by=actor()))


@delivery_pages.get("/deliveries/<uuid:delivery_id>")
@requires(MANAGE, everywhere=True)
def delivery(webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    row = get_delivery(webhook_id, delivery_id)
    shown = can(Permission.AUDIT_READ, everywhere=True)
    return render_template(
        "webhooks/delivery.html",
        endpoint=get_endpoint(webhook_id),
        delivery=row,
        message_id=message_id(row.id),
        body=json.dumps(json.loads(get_body(row)), ensure_ascii=False, indent=2) if shown else None,
    )


@delivery_pages.post("/deliveries/<uuid:delivery_id>/redelivery")
@requires(MANAGE, everywhere=True)
def redeliver(webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    row = send_again(webhook_id, delivery_id, by=actor())
    flash(_("The event is sent again"), "success")
    return _to(row)


def _to(row: Delivery) -> ResponseReturnValue:
    address = url_for("webhook_deliveries.delivery", webhook_id=row.endpoint_id, delivery_id=row.id)
    return redirect(address, 303)
