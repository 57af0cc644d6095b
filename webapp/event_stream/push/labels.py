"""Labels of the states of the push, and of its fields and its name in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _, pgettext
from webapp.event_stream.push.state import State

FIELD_LABELS = {
    "target": _("Target of the event stream"),
    "authorization": _("Header Authorization"),
}
STATE_LABELS: dict[str, str] = {
    State.SENDING: pgettext("event stream", "Sending"),
    State.UP_TO_DATE: pgettext("event stream", "Everything is sent"),
    State.FAILING: pgettext("event stream", "The last attempt failed"),
    State.PAUSED: pgettext("event stream", "Paused"),
}


def subject_text(_label: str) -> str:
    return str(_("Event stream"))
