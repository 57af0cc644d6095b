"""Labels of the fields of an API token."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "token": _("Token"),
}
