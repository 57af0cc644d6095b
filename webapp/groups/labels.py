"""Labels of the fields of a group."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "inside": _("Part of"),
}
