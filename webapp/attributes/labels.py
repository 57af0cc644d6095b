"""Labels of the fields of an attribute definition."""

from __future__ import annotations

from collections.abc import Callable

from webapp.attributes.display import attribute_field_label
from webapp.attributes.models import EDITABLE_LABELS, FIELD_PREFIX, KIND_LABELS, VISIBLE_LABELS, Editable, Kind, Visible
from webapp.audit.labels import yes_or_no
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


def _choice_text(line: str) -> str:
    """Return the labels in both languages of a choice, as `format_choices` writes it."""
    _value, *labels = line.split(" | ")
    return " / ".join(dict.fromkeys(labels)) or line


def _attribute_name(key: str) -> str:
    return attribute_field_label(FIELD_PREFIX + key) or key


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "attribute": _attribute_name,
    "kind": lambda kind: KIND_LABELS[Kind(kind)],
    "visible_to": lambda level: VISIBLE_LABELS[Visible(level)],
    "editable_by": lambda level: EDITABLE_LABELS[Editable(level)],
    "choices": _choice_text,
    "required": yes_or_no,
    "unique": yes_or_no,
    "sortable": yes_or_no,
}
