"""Splits the text of a filter into its values, where a value can contain commas: names, and values of attributes."""

from __future__ import annotations

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.sorting_and_filtering import value_condition
from webapp.core.errors import Invalid
from webapp.core.text import caseless_key
from webapp.directory.value_lists import is_quoted, split_values
from webapp.directory.viewer import Viewer


def names_in(model: type[Role | Group], text: str, viewer: Viewer) -> list[str]:
    """Return the names in the text. The text itself can be one name that contains commas or quotation marks."""
    values = split_values(text)
    if values == [text] or (len(values) > 1 and is_quoted(text)):
        return values
    return [text] if find_by_name(model, caseless_key(text), reach=viewer.reach) else values


def attribute_texts(attribute: Attribute, text: str) -> list[str]:
    """Return the texts of which a person's value must match one."""
    values = attribute_values(attribute, text)
    if attribute.kind == Kind.TEXT and values == [text] and (is_quoted(text) or ", " not in text):
        # Commas and quotation marks may belong to the text or not. A comma before a space always belongs to it.
        return list(dict.fromkeys([text, *split_values(text)]))
    return values


def attribute_values(attribute: Attribute, text: str) -> list[str]:
    """Return the values in the text. The text itself can be one value that contains commas, such as the number 1,5."""
    values = split_values(text)
    if values == [text] or (len(values) > 1 and is_quoted(text)):
        return values
    if attribute.kind == Kind.TEXT:
        return [text]
    try:
        value_condition(attribute, text)
    except Invalid:
        return values
    return [text]
