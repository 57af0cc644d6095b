"""Validation of one person's attribute values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from webapp.access.checks import powers_of_actor
from webapp.attributes.models import FIELD_PREFIX, Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import FindPerson, validate_value, value_key, value_problem
from webapp.attributes.visibility import can_edit_attribute, visible_attributes
from webapp.core.errors import Invalid, Problem
from webapp.core.permissions import Actor, Powers
from webapp.core.texts import _

# The error about an unknown attribute repeats its name up to this length.
NAME_SHOWN = 64


@dataclass(frozen=True)
class UniqueValue:
    """A person's new value of a unique attribute. `value_key` is None if the value was removed."""

    attribute_id: UUID
    field: str
    label: str
    value_key: str | None


@dataclass
class ValidatedValues:
    """A person's values after an edit. `changed` maps a key to its values before and after."""

    values: dict[str, Any]
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    unique_values: list[UniqueValue] = field(default_factory=list)


def validate_values(
    submitted: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    by: Actor,
    find_person: FindPerson,
    own: bool = False,
    locked: bool = False,
    form_attributes: Sequence[Attribute] | None = None,
    powers: Powers | None = None,
) -> ValidatedValues:
    """Return the values `before` with the submitted changes. None removes a value. Unchanged values are not validated.

    `own`: people edit themselves, on their account page. `locked`: lock the definitions, because the values are
    written next. `form_attributes`: the attributes of the submitted form; by default all live ones. `powers`: those of
    `by` in this transaction, if the caller has read them. Raise Invalid with every problem, each under
    `attributes.<key>`.
    """
    attributes = live_attributes(locked=locked) if form_attributes is None else form_attributes
    if not attributes and not submitted:
        return ValidatedValues(dict(before))
    powers = powers or powers_of_actor(by)
    visible = {attribute.key: attribute for attribute in visible_attributes(attributes, powers, own=own)}
    problems = [_unknown(name) for name in submitted if name not in visible]
    validated = ValidatedValues(dict(before))
    for attribute in visible.values():
        try:
            editable = can_edit_attribute(attribute, powers, own=own)
            _validate(attribute, submitted, validated, find_person, editable=editable)
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(_("Some values are missing or wrong"), problems)
    return validated


def _validate(
    attribute: Attribute,
    submitted: Mapping[str, Any],
    validated: ValidatedValues,
    find_person: FindPerson,
    *,
    editable: bool,
) -> None:
    name = attribute.key
    before = validated.values.get(name)
    value = before
    if name in submitted and not _equal(submitted[name], before):
        value = validate_value(attribute, submitted[name], find_person)
    if value is None and attribute.required and editable:
        raise value_problem(attribute, "missing", _("Enter a value for %(label)s", label=attribute.label))
    if _equal(value, before):
        return
    if not editable:
        raise value_problem(attribute, "forbidden", _("You cannot change %(label)s", label=attribute.label))
    _change(attribute, before, value, validated)


def _change(attribute: Attribute, before: Any, value: Any, validated: ValidatedValues) -> None:
    validated.changed[attribute.key] = (before, value)
    if value is None:
        del validated.values[attribute.key]
    else:
        validated.values[attribute.key] = value
    if attribute.unique:
        key = None if value is None else value_key(attribute.kind, value)
        validated.unique_values.append(UniqueValue(attribute.id, attribute.field_name, attribute.label, key))


def _equal(one: Any, other: Any) -> bool:
    # In Python True == 1, but a number is not a valid yes or no.
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _unknown(name: str) -> Problem:
    return Problem(FIELD_PREFIX + name[:NAME_SHOWN], "unknown", _("This attribute does not exist"))
