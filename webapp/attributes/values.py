"""Parses and validates one value of an attribute. Makes the keys by which values are compared and sorted."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from webapp.attributes.models import NUMBER_MAX, SORT_MAX, TEXT_MAX, Attribute, Kind
from webapp.core.errors import Invalid, NotFound
from webapp.core.moments import END, FIRST, OUT_OF_RANGE
from webapp.core.text import caseless_key, clean_text, fold_text
from webapp.core.texts import _

YES = frozenset({"yes", "y", "true", "1", "да", "д", "+"})
NO = frozenset({"no", "n", "false", "0", "нет", "н", "-"})
# Python shows 0.00000015 as 1.5e-07.
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,20})?(?:[Ee][+-]?[0-9]{1,3})?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_RUSSIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

# Return the ID of the person with this e-mail address, username or ID. Raise NotFound if the actor cannot see them.
FindPerson = Callable[[str], UUID]


class TextInput(str):
    """Text from a form or a file, which is parsed leniently: "1,5" is a number, "да" is yes. JSON has types instead."""

    __slots__ = ()


def validate_value(attribute: Attribute, value: Any, find_person: FindPerson) -> Any:
    """Return the value to store. Return None for None and for an empty text. Raise Invalid."""
    if value is None or (isinstance(value, str) and not value.strip(" \t\r\n")):
        return None
    if attribute.kind == Kind.PERSON:
        return _parse_person(attribute, value, find_person)
    return _PARSERS[Kind(attribute.kind)](attribute, value, lenient=isinstance(value, TextInput))


def _parse_text(attribute: Attribute, value: Any, *, lenient: bool) -> str | None:
    if not isinstance(value, str):
        raise value_problem(attribute, "type", _("%(label)s must be text", label=attribute.label))
    text = clean_text(value, field=attribute.field_name, joiners=True)
    if len(text) > TEXT_MAX:
        raise value_problem(attribute, "too_long", _("Use at most %(max)s characters", max=TEXT_MAX))
    return text or None


def _parse_number(attribute: Attribute, value: Any, *, lenient: bool) -> int | float:
    if lenient:
        plain = "".join(value.split()).replace(",", ".").replace("\N{MINUS SIGN}", "-")
        value = float(plain) if _NUMBER.fullmatch(plain) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise value_problem(attribute, "type", _("%(label)s must be a number", label=attribute.label))
    if abs(value) > NUMBER_MAX:
        raise value_problem(attribute, "range", _("This number is too large"))
    return int(value) if value == int(value) else value


def _is_finite(number: float) -> bool:
    # math.isfinite raises OverflowError for integers that are too large for a float.
    return isinstance(number, int) or math.isfinite(number)


def _parse_date(attribute: Attribute, value: Any, *, lenient: bool) -> str:
    text = value.strip() if isinstance(value, str) else ""
    parts = [int(part) for part in match.groups()] if (match := _ISO_DATE.fullmatch(text)) else []
    if lenient and (match := _RUSSIAN_DATE.fullmatch(text)):
        parts = [int(part) for part in reversed(match.groups())]
    try:
        day = date(*parts)
    except (TypeError, ValueError):
        message = _("%(label)s must be a date like 2026-03-01", label=attribute.label)
        raise value_problem(attribute, "type", message) from None
    if not FIRST.year <= day.year < END.year:
        raise value_problem(attribute, "out_of_range", OUT_OF_RANGE)
    return day.isoformat()


def _parse_choice(attribute: Attribute, value: Any, *, lenient: bool) -> str:
    for choice in attribute.options:
        if value == choice.value:
            return choice.value
    for choice in attribute.options if lenient else []:
        if caseless_key(value) in {
            caseless_key(choice.value),
            caseless_key(choice.label_en),
            caseless_key(choice.label_ru),
        }:
            return choice.value
    offered = ", ".join(choice.value for choice in attribute.options[:10])
    raise value_problem(attribute, "unknown", _("Choose one of these options: %(offered)s", offered=offered))


def _parse_yes_no(attribute: Attribute, value: Any, *, lenient: bool) -> bool:
    if lenient and (word := caseless_key(value)) in YES | NO:
        return word in YES
    if not isinstance(value, bool):
        raise value_problem(attribute, "type", _("%(label)s must be yes or no", label=attribute.label))
    return value


_PARSERS: dict[Kind, Callable[..., Any]] = {
    Kind.TEXT: _parse_text,
    Kind.NUMBER: _parse_number,
    Kind.DATE: _parse_date,
    Kind.CHOICE: _parse_choice,
    Kind.YES_NO: _parse_yes_no,
}


def _parse_person(attribute: Attribute, value: Any, find_person: FindPerson) -> str:
    try:
        if isinstance(value, str):
            return str(find_person(value))
    except NotFound:
        pass
    raise value_problem(attribute, "unknown", _("This user does not exist. Enter an e-mail address, username or ID."))


def value_key(kind: str, value: Any) -> str:
    """Return a hash that is equal for values that count as equal, such as texts that differ only in case."""
    text = caseless_key(value) if kind == Kind.TEXT else str(value)
    return hashlib.sha256(text.encode()).hexdigest()


def sort_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as lists sort and filter by them: texts folded, yes and no as "1" and "0"."""
    return {name: sort_value(value) for name, value in values.items()}


def sort_value(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return "1" if value else "0"
    return fold_text(value)[:SORT_MAX] if isinstance(value, str) else value


def value_problem(attribute: Attribute, code: str, message: str) -> Invalid:
    return Invalid(message, field=attribute.field_name, code=code)
