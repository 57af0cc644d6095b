"""The only entry point to sending by hand: a test event, or a delivery again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from webapp.audit.actions import Action
from webapp.core.clock import now
from webapp.core.errors import WrongState
from webapp.core.ids import new_id
from webapp.core.permissions import Actor
from webapp.core.texts import _
from webapp.db.session import db
from webapp.db.transactions import after_commit, transaction
from webapp.jobs.services import wake_worker
from webapp.webhooks.events import TEST_EVENT
from webapp.webhooks.models import Delivery, Endpoint
from webapp.webhooks.queries import get_delivery
from webapp.webhooks.services import locked_endpoint, record_change


@transaction()
def send_test_event(endpoint_id: UUID, *, by: Actor) -> Delivery:
    """Send an event that means nothing, at once. Raise WrongState if the endpoint is paused."""
    endpoint = _locked_for_sending(endpoint_id, by=by)
    delivery = Delivery(id=new_id(), endpoint_id=endpoint.id, event=TEST_EVENT, subject_id=new_id())
    db.session.add(delivery)
    db.session.flush()
    record_change(Action.WEBHOOK_TESTED, endpoint, by=by, changes={"delivery": (None, str(delivery.id))})
    after_commit(wake_worker)
    return delivery


@transaction()
def send_again(endpoint_id: UUID, delivery_id: UUID, *, by: Actor) -> Delivery:
    """Send a delivery again, with the same ID. If it still waits, send it at once.

    Raise WrongState if the endpoint is paused.
    """
    endpoint = _locked_for_sending(endpoint_id, by=by)
    delivery = get_delivery(endpoint_id, delivery_id)
    moment = now()
    values = {"next_attempt_at": moment, "attempts": 0, "delivered_at": None}
    db.session.execute(update(Delivery).where(Delivery.seq == delivery.seq).values(values))
    record_change(Action.WEBHOOK_REDELIVERED, endpoint, by=by, changes={"delivery": (None, str(delivery.id))})
    after_commit(wake_worker)
    db.session.refresh(delivery)
    return delivery


def _locked_for_sending(endpoint_id: UUID, *, by: Actor) -> Endpoint:
    endpoint = locked_endpoint(endpoint_id, by=by)
    if endpoint.paused_at:
        raise WrongState(_("This webhook is paused. Resume it first."))
    return endpoint
