"""Labels of the fields of the audit records of bulk changes."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "people": _("People"),
    "attribute": _("Attribute"),
    "bulk_action": _("What was done"),
    "bulk_done": _("People changed"),
    "bulk_same": _("People who were so already"),
    "bulk_refused": _("People who could not be changed"),
    "bulk_overtaken": _("People changed by others since the preview"),
    "bulk_skipped": _("People left as they were"),
    "bulk_undone": _("People put back"),
    "bulk_kept": _("People not put back"),
}
