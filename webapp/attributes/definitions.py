"""The definition of an attribute, and its validation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast
from uuid import UUID

from webapp.attributes.choices import format_choices, validate_choices
from webapp.attributes.models import (
    HELP_MAX,
    KEY_MAX,
    LABEL_FIELDS,
    LABEL_MAX,
    SORTABLE_KINDS,
    UNIQUE_KINDS,
    Attribute,
    Editable,
    Kind,
    Visible,
)
from webapp.attributes.queries import key_exists, live_attributes
from webapp.attributes.text_fields import validate_text
from webapp.core.errors import Invalid, Problem
from webapp.core.text import caseless_key
from webapp.core.texts import _, language, pgettext

KEY_TAKEN = _("This key is already in use or was used before. Keys cannot be reused.")
KEY_PATTERN = re.compile(rf"[a-z][a-z0-9_]{{0,{KEY_MAX - 1}}}")


class Definition(TypedDict, total=False):
    """All editable parts of an attribute. One of its labels may be empty.

    A choice has a `value`, a `label_en` and a `label_ru`.
    """

    label_en: str
    label_ru: str
    help: str
    kind: str
    choices: Sequence[Mapping[str, str]]
    required: bool
    unique: bool
    sortable: bool
    visible_to: str
    editable_by: str


DEFAULTS: Definition = {
    "label_en": "",
    "label_ru": "",
    "help": "",
    "kind": Kind.TEXT,
    "choices": (),
    "required": False,
    "unique": False,
    "sortable": False,
    "visible_to": Visible.STAFF,
    "editable_by": Editable.STAFF,
}


def definition_of(attribute: Attribute) -> Definition:
    return cast(Definition, {name: getattr(attribute, name) for name in DEFAULTS})


def audited_definition(attribute: Attribute) -> dict[str, Any]:
    """Return the definition in the format of an audit record. `undo` parses it again."""
    values: dict[str, Any] = {**definition_of(attribute)}
    yes_no = {name: "yes" if value else "no" for name, value in values.items() if isinstance(value, bool)}
    return values | yes_no | {"choices": format_choices(attribute.choices)}


def validate_definition(
    definition: Definition, *, new_key: str | None = None, attribute_id: UUID | None = None
) -> dict[str, Any]:
    """Return the columns of a complete definition. Raise Invalid with every problem. See `check_definition`."""
    values, problems = check_definition(definition, new_key=new_key, attribute_id=attribute_id)
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return values


def check_definition(
    definition: Definition, *, new_key: str | None = None, attribute_id: UUID | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the columns of a complete definition, and every problem.

    `new_key` is the key of a new attribute. `attribute_id` is the edited attribute: it may keep its own labels.
    """
    problems = [*_key_problems(new_key), *_option_problems(definition)]
    values: dict[str, Any] = {**definition}
    has_label = any(values[name].strip() for name in LABEL_FIELDS)
    for name in LABEL_FIELDS:
        values[name] = validate_text(name, values[name], LABEL_MAX, problems)
    if not has_label:
        problems.append(Problem(f"label_{language()}", "missing", pgettext("of a thing", "Enter a name")))
    values["help"] = validate_text("help", definition["help"], HELP_MAX, problems)
    values["choices"] = validate_choices(definition, problems)
    problems += _taken_labels(values, attribute_id)
    return values, problems


def _key_problems(new_key: str | None) -> list[Problem]:
    if new_key is None:
        return []
    if not new_key:
        return [Problem("key", "missing", _("Enter a key"))]
    if KEY_PATTERN.fullmatch(new_key):
        return [Problem("key", "taken", KEY_TAKEN)] if key_exists(new_key) else []
    message = _("Start with a letter. Use at most 40 lowercase Latin letters, digits and underscores.")
    return [Problem("key", "malformed", message)]


def _option_problems(definition: Definition) -> list[Problem]:
    """Report unknown options, and options that contradict each other."""
    options = {"kind": Kind, "visible_to": Visible, "editable_by": Editable}
    values: Mapping[str, Any] = {**definition}
    problems = [
        Problem(name, "unknown", _("Choose one of the options"))
        for name, known in options.items()
        if values[name] not in {option.value for option in known}
    ]
    if definition["unique"] and definition["kind"] not in UNIQUE_KINDS:
        problems.append(Problem("unique", "kind", _("Only text, numbers and dates can be unique")))
    if definition["sortable"] and definition["kind"] not in SORTABLE_KINDS:
        problems.append(Problem("sortable", "kind", _("You cannot sort the list by an attribute of type “User”")))
    if definition["visible_to"] == Visible.ADMINISTRATORS and definition["editable_by"] != Editable.ADMINISTRATORS:
        problems.append(Problem("editable_by", "hidden", _("People who can edit it must also see it")))
    return problems


def _taken_labels(values: Mapping[str, Any], attribute_id: UUID | None) -> list[Problem]:
    """An import finds the attribute of a column by its key or label, so both must be unique."""
    others = [attribute for attribute in live_attributes() if attribute.id != attribute_id]
    names = (name for other in others for name in (other.key, other.label_en, other.label_ru))
    taken = {caseless_key(name) for name in names if name}
    return [
        Problem(name, "taken", _("Another attribute already has this name"))
        for name in LABEL_FIELDS
        if values[name] and caseless_key(values[name]) in taken
    ]
