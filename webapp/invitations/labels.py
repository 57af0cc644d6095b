"""Labels of the states of invitations, and of the fields that their audit records name."""

from __future__ import annotations

from webapp.core.texts import _
from webapp.invitations.queries import InvitationState

STATE_LABELS = {
    InvitationState.QUEUED: _("Waiting to be sent"),
    InvitationState.SENT: _("Sent"),
    InvitationState.FAILED: _("Not delivered"),
    InvitationState.EXPIRED: _("Expired"),
    InvitationState.ACCEPTED: _("Accepted"),
    InvitationState.REVOKED: _("Revoked"),
}
FIELD_LABELS = {
    "invitation_delivery": _("Delivery"),
    "invitation_expires_at": _("Link works until"),
}
DELIVERY_LABELS = {"mail": _("By e-mail"), "link": _("Copied link")}


def delivery_text(value: str) -> str:
    return DELIVERY_LABELS.get(value, value)
