"""Labels of the fields of grants and memberships, and of fields that roles and groups share."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "role": _("Role"),
    "within": _("Where"),
    "group": _("Group"),
    "description": _("Description"),
}
