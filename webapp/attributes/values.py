"""One value of an attribute: how it is read, what of it is kept, and how two of them are compared."""

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
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,20})?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_RUSSIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

# Gives the id of the person of this e-mail, username or id, among those whom the asker may see; NotFound otherwise.
FindPerson = Callable[[str], UUID]


class TextInput(str):
    """What somebody typed into a form or a file: "1,5" and "да" mean something there, and nothing in JSON."""

    __slots__ = ()


def validate_value(attribute: Attribute, given: Any, find_person: FindPerson) -> Any:
    """The value as it is kept; None for none. Raises Invalid."""
    if given is None or (isinstance(given, str) and not given.strip(" \t\r\n")):
        return None
    if attribute.kind == Kind.PERSON:
        return _person(attribute, given, find_person)
    return _READERS[Kind(attribute.kind)](attribute, given, typed=isinstance(given, TextInput))


def _text(attribute: Attribute, given: Any, *, typed: bool) -> str | None:
    if not isinstance(given, str):
        raise value_problem(attribute, "type", _("%(label)s must be text", label=attribute.label))
    text = clean_text(given, field=attribute.field_name, joiners=True)
    if len(text) > TEXT_MAX:
        raise value_problem(attribute, "too_long", _("Use at most %(max)s characters", max=TEXT_MAX))
    return text or None


def _number(attribute: Attribute, given: Any, *, typed: bool) -> int | float:
    if typed:
        plain = "".join(given.split()).replace(",", ".").replace("\N{MINUS SIGN}", "-")
        given = float(plain) if _NUMBER.fullmatch(plain) else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not _finite(given):
        raise value_problem(attribute, "type", _("%(label)s must be a number", label=attribute.label))
    if abs(given) > NUMBER_MAX:
        raise value_problem(attribute, "range", _("This number is too large"))
    return int(given) if given == int(given) else given


def _finite(number: float) -> bool:
    # Whole numbers have no end in Python, and some are no float any more.
    return isinstance(number, int) or math.isfinite(number)


def _date(attribute: Attribute, given: Any, *, typed: bool) -> str:
    text = given.strip() if isinstance(given, str) else ""
    parts = [int(part) for part in match.groups()] if (match := _ISO_DATE.fullmatch(text)) else []
    if typed and (match := _RUSSIAN_DATE.fullmatch(text)):
        parts = [int(part) for part in reversed(match.groups())]
    try:
        day = date(*parts)
    except (TypeError, ValueError):
        message = _("%(label)s must be a date like 2026-03-01", label=attribute.label)
        raise value_problem(attribute, "type", message) from None
    if not FIRST.year <= day.year < END.year:
        raise value_problem(attribute, "out_of_range", OUT_OF_RANGE)
    return day.isoformat()


def _choice(attribute: Attribute, given: Any, *, typed: bool) -> str:
    for choice in attribute.options:
        if given == choice.value:
            return choice.value
    for choice in attribute.options if typed else []:
        if caseless_key(given) in {
            caseless_key(choice.value),
            caseless_key(choice.label_en),
            caseless_key(choice.label_ru),
        }:
            return choice.value
    offered = ", ".join(choice.value for choice in attribute.options[:10])
    raise value_problem(attribute, "unknown", _("Choose one of these options: %(offered)s", offered=offered))


def _yes_no(attribute: Attribute, given: Any, *, typed: bool) -> bool:
    if typed and (word := caseless_key(given)) in YES | NO:
        return word in YES
    if not isinstance(given, bool):
        raise value_problem(attribute, "type", _("%(label)s must be yes or no", label=attribute.label))
    return given


_READERS: dict[Kind, Callable[..., Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
}


def _person(attribute: Attribute, given: Any, find_person: FindPerson) -> str:
    try:
        if isinstance(given, str):
            return str(find_person(given))
    except NotFound:
        pass
    raise value_problem(attribute, "unknown", _("This user does not exist. Enter an e-mail address, username or ID."))


def value_key(kind: str, value: Any) -> str:
    """Two values that count as one give one key."""
    text = caseless_key(value) if kind == Kind.TEXT else str(value)
    return hashlib.sha256(text.encode()).hexdigest()


def sort_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a list is sorted and found by: texts folded, yes and no as 1 and 0."""
    return {name: sort_value(value) for name, value in values.items()}


def sort_value(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return "1" if value else "0"
    return fold_text(value)[:SORT_MAX] if isinstance(value, str) else value


def value_problem(attribute: Attribute, code: str, message: str) -> Invalid:
    return Invalid(message, field=attribute.field_name, code=code)
