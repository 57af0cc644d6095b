"""Labels of the states of invitations, and of the fields that their audit records name."""

from __future__ import annotations

from collections.abc import Callable

from webapp.core.texts import _
from webapp.invitations.queries import InvitationFilter, InvitationState

STATE_LABELS = {
    InvitationState.QUEUED: _("Waiting to be sent"),
    InvitationState.SENT: _("Sent"),
    InvitationState.FAILED: _("Not delivered"),
    InvitationState.EXPIRED: _("Expired"),
    InvitationState.ACCEPTED: _("Accepted"),
    InvitationState.REVOKED: _("Revoked"),
}
FILTER_LABELS = {
    InvitationFilter.QUEUED: STATE_LABELS[InvitationState.QUEUED],
    InvitationFilter.SENT: STATE_LABELS[InvitationState.SENT],
    InvitationFilter.FAILED: STATE_LABELS[InvitationState.FAILED],
    InvitationFilter.EXPIRING: _("Expires within a day"),
    InvitationFilter.EXPIRED: STATE_LABELS[InvitationState.EXPIRED],
    InvitationFilter.ACCEPTED: STATE_LABELS[InvitationState.ACCEPTED],
    InvitationFilter.REVOKED: STATE_LABELS[InvitationState.REVOKED],
}
FIELD_LABELS = {
    "invitation": _("Invitation"),
    "invitation_delivery": _("Delivery"),
}
VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "invitation": lambda value: {"open": _("Open"), "revoked": _("Revoked")}.get(value, value),
    "invitation_delivery": lambda value: {"mail": _("By e-mail"), "link": _("Copied link")}.get(value, value),
}
