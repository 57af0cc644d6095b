"""Labels of the fields of an attribute definition."""

from __future__ import annotations

from webapp.core.texts import _

FIELD_LABELS = {
    "key": _("Key"),
    "kind": _("Type"),
    "label_en": _("Name in English"),
    "label_ru": _("Name in Russian"),
    "help": _("Help text"),
    "choices": _("Choices"),
    "required": _("Required"),
    "unique": _("Unique"),
    "sortable": _("Sortable"),
    "visible_to": _("Visible to"),
    "editable_by": _("Editable by"),
    "position": _("Order"),
}
