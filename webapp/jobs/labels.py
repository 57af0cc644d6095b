"""Labels of the fields of schedules in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "schedule": _("Schedule"),
}
