"""Labels of the filters and columns of the list of users, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from webapp.access.models import Role, role_label
from webapp.attributes.display import attribute_field_label, format_attribute_value, viewer_attributes
from webapp.attributes.models import FIELD_PREFIX, PARAMETER_PREFIX
from webapp.attributes.sorting_and_filtering import NO_VALUE_WORDS, RANGE_KINDS
from webapp.core.formats import format_iso_date, format_number
from webapp.core.periods import RANGE
from webapp.core.text import caseless_key
from webapp.core.texts import _, ngettext
from webapp.directory.display import COLUMN_LABELS
from webapp.directory.fields import FILTERS, Field, FieldKind, has_several
from webapp.directory.named_values import attribute_values, names_in
from webapp.directory.old_parameters import OLD_LABELS
from webapp.directory.period_labels import period_label
from webapp.directory.requests import current_viewer
from webapp.directory.value_lists import join_values, split_values

# Parameter → label, in the order in which pages show them.
LABELS = {"q": _("Search")} | {field.name: field.label for field in FILTERS.values()} | OLD_LABELS


class FilterLabel(NamedTuple):
    """A value of a filter in the address of the list: its parameter, its label, and the value as text.

    `rest` has the other values of the parameter, as in an address.
    """

    name: str
    label: str
    text: str
    rest: str = ""


def filter_labels(parameters: Mapping[str, str]) -> list[FilterLabel]:
    """Return each value of the filters among the parameters, in the order of LABELS. Ignore other parameters."""
    known = [*LABELS, *(name for name in parameters if name.startswith(PARAMETER_PREFIX))]
    return [label for name in known if parameters.get(name) for label in _labels_of(name, parameters[name])]


def filter_texts(parameters: Mapping[str, str]) -> list[str]:
    """Return a text for each filter: “Status: Active, Deactivated”."""
    texts: dict[str, list[str]] = {}
    for each in filter_labels(parameters):
        texts.setdefault(each.label, []).append(each.text)
    return [f"{label}: {', '.join(values)}" for label, values in texts.items()]


def values_of(name: str, text: str) -> list[str]:
    """Return the values of a parameter, as the list reads them."""
    if not text:
        return []
    if name in FILTERS and (model := FILTERS[name].model):
        return names_in(model, text, current_viewer())
    if name in FILTERS and has_several(name):
        return split_values(text)
    key = name.removeprefix(PARAMETER_PREFIX)
    if key != name and (attribute := current_viewer().attributes.get(key)):
        return attribute_values(attribute, text)
    return [text]


def offered_columns() -> dict[str, str]:
    """Return column → label, with every column that the viewer can choose."""
    return COLUMN_LABELS | {attribute.parameter_name: attribute.label for attribute in viewer_attributes()}


def _labels_of(name: str, text: str) -> list[FilterLabel]:
    # The list itself reports a text without values.
    values = values_of(name, text) or [text]
    rests = (join_values(other for other in values if other != value) for value in values)
    return [
        FilterLabel(name, label_of(name), value_label(name, value), rest)
        for value, rest in zip(values, rests, strict=True)
    ]


def label_of(name: str) -> str:
    return LABELS.get(name) or attribute_field_label(_field(name)) or name.removeprefix(PARAMETER_PREFIX)


def value_label(name: str, value: str) -> str:
    # The list itself reports invalid values.
    with suppress(ValueError, KeyError):
        if name.startswith(PARAMETER_PREFIX):
            return _attribute_label(name, value)
        if name in FILTERS:
            return str(_filter_label(FILTERS[name], value))
        return str(_("never")) if name == "never_signed_in" else format_iso_date(value)
    return value


def _filter_label(field: Field, value: str) -> str:
    match field.kind:
        case FieldKind.STATE:
            return field.options[value]
        case FieldKind.PERIOD:
            return period_label(value)
        case FieldKind.DAYS:
            days = int(value)
            return str(ngettext("within %(count)s day", "within %(count)s days", days, count=format_number(days)))
    return role_label(value) if field.model is Role else value


def _attribute_label(name: str, value: str) -> str:
    attribute = current_viewer().attributes.get(name.removeprefix(PARAMETER_PREFIX))
    if caseless_key(value) in NO_VALUE_WORDS:
        return str(_("no value"))
    if attribute and attribute.kind == "date":
        return period_label(value)
    if attribute and attribute.kind in RANGE_KINDS and RANGE in value:
        first, last = (format_number(float(part)) if part.strip() else "" for part in value.split(RANGE, 1))
        if first and last:
            return f"{first} – {last}"
        return str(_("from %(number)s", number=first) if first else _("up to %(number)s", number=last))
    return str(format_attribute_value(_field(name), value))


def _field(name: str) -> str:
    """Return the field name of an attribute, from its parameter name."""
    return FIELD_PREFIX + name.removeprefix(PARAMETER_PREFIX)
