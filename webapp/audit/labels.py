"""The labels of the fields that audit records name."""

from __future__ import annotations

from webapp.core.texts import _


class FieldLabels(dict[str, str]):
    """Field name → label, for one app. Each package registers the labels of the fields that it records."""


FIELD_LABELS = {
    "format": _("Format"),
}
