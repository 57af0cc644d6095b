"""What values an attribute takes, and what of it is kept."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from webapp.access.checks import powers_by
from webapp.attributes.models import NUMBER_MAX, SORT_MAX, TEXT_MAX, Attribute, Editable, Kind, Visible
from webapp.attributes.queries import live_attributes
from webapp.core.access import Actor, Permission, Powers
from webapp.core.errors import Invalid, NotFound, Problem
from webapp.core.languages import _
from webapp.core.text import cleaned, folded, key

NAME_SHOWN = 64
YES = frozenset({"yes", "y", "true", "1", "да", "д", "+"})
NO = frozenset({"no", "n", "false", "0", "нет", "н", "-"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,20})?")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_RUSSIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

# Gives the id of the person of this e-mail, username or id, among those whom the asker may see; NotFound otherwise.
FindPerson = Callable[[str], UUID]


class Typed(str):
    """What somebody typed into a form or a file: "1,5" and "да" mean something there, and nothing in JSON."""

    __slots__ = ()


@dataclass(frozen=True)
class Claim:
    """A value of a unique attribute that somebody is to have; without `value_key` they give theirs up."""

    attribute_id: UUID
    field: str
    label: str
    value_key: str | None


@dataclass
class Checked:
    """What an edit makes of somebody's values."""

    values: dict[str, Any]
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)


def checked_attributes(
    given: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    by: Actor,
    find_person: FindPerson,
    own: bool = False,
    locked: bool = False,
) -> Checked:
    """The values that somebody has once what is given is written over those from `before`; None takes one away.

    `own`: they do it themselves, on their own page; `locked`: it is about to be written. A value that stays is not
    looked at again. Raises Invalid with every problem: `attributes.<key>`.
    """
    attributes = live_attributes(locked=locked)
    if not attributes and not given:
        return Checked(dict(before))
    powers = powers_by(by)
    seen = {attribute.key: attribute for attribute in visible(attributes, powers, own=own)}
    problems = [_unknown(name) for name in given if name not in seen]
    checked = Checked(dict(before))
    for attribute in seen.values():
        try:
            _check(attribute, given, checked, find_person, editable=may_edit(attribute, powers, own=own))
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(_("Some of what was sent is missing or not right."), problems)
    return checked


def visible(attributes: Sequence[Attribute], powers: Powers, *, own: bool = False) -> list[Attribute]:
    """Those that somebody with these powers sees of whom they may see, or of themselves."""
    return [
        attribute
        for attribute in attributes
        if _administers(powers)
        or (attribute.visible_to == Visible.STAFF and (own or powers.can(Permission.USERS_READ)))
    ]


def may_edit(attribute: Attribute, powers: Powers, *, own: bool = False) -> bool:
    """Whether somebody with these powers may change it, of whom they may change, or of themselves on their own page."""
    if own:
        return attribute.editable_by == Editable.THEMSELVES
    if attribute.editable_by == Editable.ADMINISTRATORS:
        return _administers(powers)
    return powers.can(Permission.USERS_EDIT) or powers.can(Permission.USERS_CREATE)


def _administers(powers: Powers) -> bool:
    return Permission.SETTINGS_MANAGE in powers.everywhere


def _check(
    attribute: Attribute, given: Mapping[str, Any], checked: Checked, find_person: FindPerson, *, editable: bool
) -> None:
    name = attribute.key
    before = checked.values.get(name)
    value = before
    if name in given and not _same(given[name], before):
        value = checked_value(attribute, given[name], find_person)
    if value is None and attribute.required and editable:
        raise _problem(attribute, "missing", _("Fill in %(label)s.", label=attribute.label))
    if _same(value, before):
        return
    if not editable:
        raise _problem(attribute, "forbidden", _("You may not change %(label)s.", label=attribute.label))
    checked.changed[name] = (before, value)
    if value is None:
        del checked.values[name]
    else:
        checked.values[name] = value
    if attribute.unique:
        claimed = None if value is None else value_key(attribute.kind, value)
        checked.claims.append(Claim(attribute.id, field_of(attribute), attribute.label, claimed))


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def checked_value(attribute: Attribute, given: Any, find_person: FindPerson) -> Any:
    """The value as it is kept; None for none. Raises Invalid."""
    if given is None or (isinstance(given, str) and not given.strip(" \t\r\n")):
        return None
    if attribute.kind == Kind.PERSON:
        return _person(attribute, given, find_person)
    return _READERS[Kind(attribute.kind)](attribute, given, typed=isinstance(given, Typed))


def _text(attribute: Attribute, given: Any, *, typed: bool) -> str | None:
    if not isinstance(given, str):
        raise _problem(attribute, "type", _("%(label)s is a text.", label=attribute.label))
    text = cleaned(given, field=field_of(attribute), joiners=True)
    if len(text) > TEXT_MAX:
        raise _problem(attribute, "too_long", _("Use at most %(max)s characters.", max=TEXT_MAX))
    return text or None


def _number(attribute: Attribute, given: Any, *, typed: bool) -> int | float:
    if typed:
        plain = "".join(given.split()).replace(",", ".").replace("\N{MINUS SIGN}", "-")
        given = float(plain) if _NUMBER.fullmatch(plain) else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not _finite(given):
        raise _problem(attribute, "type", _("%(label)s is a number.", label=attribute.label))
    if abs(given) > NUMBER_MAX:
        raise _problem(attribute, "range", _("This number is too large."))
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
        return date(*parts).isoformat()
    except (TypeError, ValueError):
        message = _("%(label)s is a date: year-month-day.", label=attribute.label)
        raise _problem(attribute, "type", message) from None


def _choice(attribute: Attribute, given: Any, *, typed: bool) -> str:
    for choice in attribute.options:
        if given == choice.value:
            return choice.value
    for choice in attribute.options if typed else []:
        if key(given) in {key(choice.value), key(choice.label_en), key(choice.label_ru)}:
            return choice.value
    offered = ", ".join(choice.value for choice in attribute.options[:10])
    raise _problem(attribute, "unknown", _("Choose one of those offered: %(offered)s.", offered=offered))


def _yes_no(attribute: Attribute, given: Any, *, typed: bool) -> bool:
    if typed and (word := key(given)) in YES | NO:
        return word in YES
    if not isinstance(given, bool):
        raise _problem(attribute, "type", _("%(label)s is yes or no.", label=attribute.label))
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
    raise _problem(attribute, "unknown", _("There is no such person. Give their e-mail address, username or id."))


def value_key(kind: str, value: Any) -> str:
    """Two values that count as one give one key."""
    text = key(value) if kind == Kind.TEXT else str(value)
    return hashlib.sha256(text.encode()).hexdigest()


def sort_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a list is sorted and found by: texts folded, yes and no as 1 and 0."""
    return {name: sort_value(value) for name, value in values.items()}


def sort_value(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return "1" if value else "0"
    return folded(value)[:SORT_MAX] if isinstance(value, str) else value


def field_of(attribute: Attribute) -> str:
    return f"attributes.{attribute.key}"


def _problem(attribute: Attribute, code: str, message: str) -> Invalid:
    return Invalid(message, field=field_of(attribute), code=code)


def _unknown(name: str) -> Problem:
    return Problem(f"attributes.{name[:NAME_SHOWN]}", "unknown", _("There is no such attribute."))
