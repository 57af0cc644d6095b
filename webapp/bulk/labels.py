"""Labels of the fields of the audit records of bulk changes."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "people": _("People"),
    "attribute": _("Attribute"),
    "bulk_action": _("Action"),
    "bulk_done": _("People changed"),
    "bulk_same": _("People already up to date"),
    "bulk_refused": _("People who cannot be changed"),
    "bulk_overtaken": _("People changed since the preview"),
    "bulk_skipped": _("People skipped"),
    "bulk_undone": _("People with changes undone"),
    "bulk_kept": _("People with changes not undone"),
}
