"""Labels of the filters that the record of an export contains."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from webapp.attributes.display import field_label
from webapp.audit.labels import action_label
from webapp.core.formats import format_datetime, format_iso_date
from webapp.core.texts import _
from webapp.history.schemas import is_day

FIELD_LABELS = {
    "actor": _("Changed by"),
    "subject": _("Subject"),
    "action": _("Action"),
    "field": _("Field"),
    "since": _("From"),
    "until": _("Until"),
}


def _time_text(text: str) -> str:
    return format_iso_date(text) if is_day(text) else format_datetime(datetime.fromisoformat(text))


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "action": action_label,
    "field": lambda name: field_label(name) or name,
    "since": _time_text,
    "until": _time_text,
}
