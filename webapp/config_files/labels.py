"""Labels of the records of configuration files."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "config_create": _("Items created"),
    "config_restore": _("Items restored"),
    "config_change": _("Items changed"),
    "config_delete": _("Items deleted"),
}
