"""Named reads of endpoints and deliveries."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select

from webapp.core.errors import NotFound
from webapp.core.texts import _
from webapp.db.session import db
from webapp.lists.order import Order
from webapp.webhooks.models import Delivery, DeliveryState, Endpoint

SORTS = {"created": Delivery.id}
NEWEST_FIRST = Order("-created", Delivery.id, Delivery.id, descending=True)


def list_endpoints() -> list[Endpoint]:
    """Return all endpoints, the oldest first. There are at most ENDPOINTS_MAX."""
    return list(db.session.scalars(select(Endpoint).where(Endpoint.deleted_at.is_(None)).order_by(Endpoint.id)))


def count_endpoints() -> int:
    return db.session.scalar(select(func.count()).select_from(Endpoint).where(Endpoint.deleted_at.is_(None))) or 0


def get_endpoint(endpoint_id: UUID) -> Endpoint:
    """Return the endpoint. Raise NotFound if there is none or it is deleted."""
    endpoint = db.session.get(Endpoint, endpoint_id)
    if endpoint is None or endpoint.deleted_at:
        raise endpoint_not_found()
    return endpoint


def list_deliveries(endpoint_id: UUID, *, state: DeliveryState | None = None) -> Select[Delivery]:
    query = select(Delivery).where(Delivery.endpoint_id == endpoint_id)
    if state is DeliveryState.WAITING:
        return query.where(Delivery.next_attempt_at.is_not(None))
    if state is None:
        return query
    is_delivered = Delivery.delivered_at.is_not(None)
    return query.where(
        Delivery.next_attempt_at.is_(None), is_delivered if state is DeliveryState.DELIVERED else ~is_delivered
    )


def get_delivery(endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Return the delivery of this endpoint. Raise NotFound."""
    get_endpoint(endpoint_id)
    query = select(Delivery).where(Delivery.id == delivery_id, Delivery.endpoint_id == endpoint_id)
    delivery = db.session.scalar(query)
    if delivery is None:
        raise NotFound(_("This delivery does not exist. Deliveries are kept for 30 days."))
    return delivery


def endpoint_not_found() -> NotFound:
    return NotFound(_("This webhook does not exist"))
