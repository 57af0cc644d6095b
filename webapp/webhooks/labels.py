"""Labels of webhooks: recorded fields, states, and why there was no answer."""

from __future__ import annotations

from collections.abc import Callable

from webapp.audit.labels import action_label
from webapp.core.texts import _, pgettext
from webapp.outgoing.resolving import UNRESOLVED
from webapp.webhooks.events import TEST_EVENT
from webapp.webhooks.models import Delivery, DeliveryState, EndpointState

FIELD_LABELS = {
    "url": pgettext("of a server", "Address"),
    "webhook_events": _("Events"),
    "delivery": _("Delivery"),
    "webhook_state": _("State"),
}
ENDPOINT_STATES = {
    EndpointState.ACTIVE: pgettext("webhook", "Active"),
    EndpointState.FAILING: pgettext("webhook", "Failing"),
    EndpointState.PAUSED: pgettext("webhook", "Paused"),
}
DELIVERY_STATES = {
    DeliveryState.WAITING: pgettext("delivery", "Waiting"),
    DeliveryState.DELIVERED: pgettext("delivery", "Delivered"),
    DeliveryState.FAILED: pgettext("delivery", "Failed"),
}
_ERRORS = {
    "timeout": _("No answer within 10 seconds"),
    "internal_address": _("The address leads into an internal network"),
    "secret_not_readable": _("The secret cannot be read because SECRET_KEY has changed. Replace the secret."),
}


def event_label(name: str) -> str:
    return _("Test event") if name == TEST_EVENT else action_label(name)


def outcome(delivery: Delivery) -> str:
    """Return what the last attempt brought, for people."""
    if delivery.status is not None:
        return _("Answer %(status)s", status=delivery.status)
    if delivery.error.startswith(UNRESOLVED):
        return _("The host name is unknown")
    return _ERRORS.get(delivery.error) or _("No answer: %(reason)s", reason=delivery.error)


def state_text(name: str) -> str:
    return ENDPOINT_STATES.get(EndpointState(name), name) if name in set(EndpointState) else name


VALUE_TEXTS: dict[str, Callable[[str], str]] = {"webhook_events": event_label, "webhook_state": state_text}
