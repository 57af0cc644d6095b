"""Labels of the fields of saved views and of the display of the list."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "address": _("Filters"),
    "shared": _("Shared"),
    "list_columns": _("List columns"),
    "list_density": _("List row height"),
    "list_limit": _("Rows per page"),
    "default_view": _("First view"),
}
