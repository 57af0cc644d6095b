"""Labels of the fields of saved views and of the display of the list."""

from __future__ import annotations

from collections.abc import Callable

from webapp.attributes.display import attribute_field_label
from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.audit.labels import yes_or_no
from webapp.core.texts import _
from webapp.directory.display import COLUMN_LABELS, DENSITY_LABELS
from webapp.directory.filter_labels import filter_texts
from webapp.directory.views.addresses import parameters_of

FIELD_LABELS = {
    "address": _("Filters"),
    "shared": _("Shared"),
    "list_columns": _("List columns"),
    "list_density": _("List row height"),
    "list_limit": _("Rows per page"),
    "default_view": _("First view"),
}


def _address_text(address: str) -> str:
    """Return the filters and the order of a list in words."""
    parameters = parameters_of(address)
    texts = filter_texts(parameters)
    order = parameters.get("sort", "name")
    if order != "name":
        column = _column_name(order.removeprefix("-"))
        texts.append(_("Sorted by: %(column)s", column=column) + (" ↓" if order.startswith("-") else ""))
    return "; ".join(texts) or _("Everyone")


def _column_name(name: str) -> str:
    names = {"name": _("Name"), "email": _("E-mail address")} | COLUMN_LABELS
    return names.get(name) or attribute_field_label(FIELD_PREFIX + name.removeprefix(PARAMETER_PREFIX)) or name


VALUE_TEXTS: dict[str, Callable[[str], str]] = {
    "address": _address_text,
    "shared": yes_or_no,
    "list_columns": _column_name,
    "list_density": lambda density: DENSITY_LABELS.get(density, density),
}
