"""Labels of the days that the record of an export contains."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "on": _("On"),
}
