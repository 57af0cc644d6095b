"""Checks whether a change of a definition is compatible with the values that people already have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import count_people_by_value, count_people_with_value, values_by_user
from webapp.attributes.values import value_key
from webapp.core.errors import Problem
from webapp.core.texts import _, ngettext

REPEATED_SHOWN = 5
# The values are compared, and their keys written, within the request.
COMPARED_MAX = 100_000


def conflicts_with_values(attribute: Attribute, after: Mapping[str, Any]) -> list[Problem]:
    """Return the reasons why the attribute cannot get the definition `after`."""
    if after["kind"] != attribute.kind:
        return _kind_conflicts(attribute)
    problems = _choice_conflicts(attribute, after["choices"]) if attribute.kind == Kind.CHOICE else []
    if after["unique"] and not attribute.unique:
        problems += _unique_conflicts(attribute)
    return problems


def _kind_conflicts(attribute: Attribute) -> list[Problem]:
    count = count_people_with_value(attribute.key)
    if not count:
        return []
    message = ngettext(
        "You cannot change the type because %(count)s person has a value",
        "You cannot change the type because %(count)s people have a value",
        count,
        count=count,
    )
    return [Problem("kind", "in_use", message)]


def _choice_conflicts(attribute: Attribute, choices: Sequence[Mapping[str, str]]) -> list[Problem]:
    removed = {choice["value"] for choice in attribute.choices} - {choice["value"] for choice in choices}
    used = count_people_by_value(attribute.key) if removed else Counter[str]()
    return [
        Problem(
            "choices",
            "in_use",
            ngettext(
                "%(count)s person has “%(choice)s”. Change their value first.",
                "%(count)s people have “%(choice)s”. Change their values first.",
                used[value],
                count=used[value],
                choice=value,
            ),
        )
        for value in sorted(removed)
        if used[value]
    ]


def _unique_conflicts(attribute: Attribute) -> list[Problem]:
    count = count_people_with_value(attribute.key)
    if count > COMPARED_MAX:
        message = _("%(count)s people have a value. Only %(max)s values can be checked.", count=count, max=COMPARED_MAX)
        return [Problem("unique", "too_many", message)]
    repeated = _repeated_values(attribute)
    if not repeated:
        return []
    message = ngettext(
        "%(count)s value is used more than once: %(values)s",
        "%(count)s values are used more than once: %(values)s",
        len(repeated),
        count=len(repeated),
        values=", ".join(map(str, repeated[:REPEATED_SHOWN])),
    )
    return [Problem("unique", "repeated", message)]


def _repeated_values(attribute: Attribute) -> list[Any]:
    """Return each value that more than one person has, in the spelling of the person created first."""
    first: dict[str, Any] = {}
    repeated: dict[str, Any] = {}
    for _user_id, value in values_by_user(attribute.key):
        key = value_key(attribute.kind, value)
        if key in first:
            repeated[key] = first[key]
        first.setdefault(key, value)
    return list(repeated.values())
