"""What values an attribute takes, and what of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from webapp.access.checks import powers_by
from webapp.attributes.models import Attribute, Editable, Visible
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import FindPerson, checked_value, field_of, problem_of, value_key
from webapp.core.errors import Invalid, Problem
from webapp.core.permissions import Actor, Permission, Powers
from webapp.core.texts import _

NAME_SHOWN = 64


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
    asked: Sequence[Attribute] | None = None,
) -> Checked:
    """The values that somebody has once what is given is written over those from `before`; None takes one away.

    `own`: they do it themselves, on their own page; `locked`: it is about to be written; `asked`: what a form had just
    read and had fields for, where it is not. A value that stays is not looked at again. Raises Invalid with every
    problem: `attributes.<key>`.
    """
    attributes = live_attributes(locked=locked) if asked is None else asked
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
        raise problem_of(attribute, "missing", _("Fill in %(label)s.", label=attribute.label))
    if _same(value, before):
        return
    if not editable:
        raise problem_of(attribute, "forbidden", _("You may not change %(label)s.", label=attribute.label))
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


def _unknown(name: str) -> Problem:
    return Problem(f"attributes.{name[:NAME_SHOWN]}", "unknown", _("There is no such attribute."))
