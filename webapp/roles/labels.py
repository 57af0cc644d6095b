"""Labels of the fields of a role."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "permissions": _("Permissions"),
}
