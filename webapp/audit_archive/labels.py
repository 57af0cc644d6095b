"""Labels of the fields of archives in the audit trail."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "file": _("File"),
    "archived_before": _("Records before"),
    "records": _("Records"),
    "archive_number": _("Archive"),
}
