"""Builds the filters for terms like `field:value` in a search. Parameters of the address have the same values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import false

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.models import FIELD_PREFIX
from webapp.attributes.sorting_and_filtering import value_condition
from webapp.attributes.values import FindPerson
from webapp.core.clock import now
from webapp.core.errors import Invalid
from webapp.core.formats import viewer_timezone
from webapp.core.moments import day_after, start_of_day
from webapp.core.periods import RANGE, parse_period
from webapp.core.text import caseless_key, fold_text
from webapp.core.texts import _
from webapp.directory.fields import FIELDS
from webapp.directory.filters import (
    Filter,
    any_of,
    between,
    contains,
    has_former_name,
    has_role,
    has_second_factor,
    has_status,
    in_groups,
    is_invited,
    negated,
    never_signed_in,
    signed_in_between,
)
from webapp.directory.named_values import attribute_texts, names_in
from webapp.directory.query_language import Term
from webapp.directory.value_lists import VALUES_MAX, split_values
from webapp.directory.value_words import NEVER_WORDS, SecondFactor
from webapp.directory.viewer import Viewer
from webapp.invitations.queries import InvitationFilter
from webapp.users.models import Status, User
from webapp.users.queries import get_user_by_identifier, parse_uuid

# The most days of the filter for access that ends.
ENDING_MAX = 366
_ENDING = re.compile(r"(\d{1,3})d?", re.ASCII)
T = TypeVar("T")


def parse_statuses(term: Term, problems: list[str]) -> list[Status]:
    """Return the statuses of a term `status:…`. If there is no such status, add a problem."""
    return list(dict.fromkeys(_find_all(term.values, _word_in(FIELDS["status"].words), _no_status, problems)))


def build_filter(term: Term, viewer: Viewer, problems: list[str]) -> Filter | None:
    """Return the filter for a term with a field. If a value is invalid, add a problem and return None."""
    field = _FieldText(term.field, term.text, viewer, problems)
    if not has_values(term.text, problems):
        return None
    built = _BUILDERS.get(term.field, _by_attribute)(field)
    return negated(built) if built and term.negated else built


def has_values(text: str, problems: list[str]) -> bool:
    """Return whether the text has a value, and at most VALUES_MAX. Otherwise add a problem."""
    values = split_values(text)
    if not values:
        problems.append(_("Enter a value"))
    elif len(values) > VALUES_MAX:
        problems.append(_("Use at most %(max)s values", max=VALUES_MAX))
    return 1 <= len(values) <= VALUES_MAX


def find_visible_person(viewer: Viewer) -> FindPerson:
    """Return a function that finds people within the viewer's reach and raises NotFound for all others."""
    return lambda name: get_user_by_identifier(name, reach=viewer.reach).id


def start_of_viewer_day(day: date) -> datetime:
    """Return the start of the day in the viewer's time zone, in UTC."""
    return start_of_day(day, viewer_timezone())


@dataclass(frozen=True)
class _FieldText:
    """A field and its text, which can have several values."""

    name: str
    text: str
    viewer: Viewer
    problems: list[str]


_Builder = Callable[[_FieldText], Filter | None]


def _each(build: _Builder) -> _Builder:
    """Return the builder of a filter that matches one of the values."""

    def by_each(field: _FieldText) -> Filter | None:
        built = [build(replace(field, text=value)) for value in split_values(field.text)]
        known = [each for each in built if each]
        return any_of(known) if known and len(known) == len(built) else None

    return by_each


def _find_all(
    values: Iterable[str], find: Callable[[str], T | None], missing: Callable[[str], str], problems: list[str]
) -> list[T]:
    """Return what is found by each value. Add a problem for each value that finds nothing."""
    found = {value: find(value) for value in values}
    problems += [missing(value) for value, each in found.items() if each is None]
    return [each for each in found.values() if each is not None]


def _word_in(words: Mapping[str, T]) -> Callable[[str], T | None]:
    return lambda text: words.get(fold_text(text))


def _by_state(missing: Callable[[str], str], build: Callable[[list[Any]], Filter]) -> _Builder:
    def by_state(field: _FieldText) -> Filter | None:
        values = split_values(field.text)
        found = _find_all(values, _word_in(FIELDS[field.name].words), missing, field.problems)
        return build(found) if len(found) == len(values) else None

    return by_state


def _no_status(text: str) -> str:
    return _("There is no status “%(status)s”", status=text)


def _no_invitation(text: str) -> str:
    states = ", ".join(InvitationFilter)
    return _("An invitation is never “%(state)s”. Use one of: %(states)s", state=text, states=states)


def _no_second_factor(_text: str) -> str:
    return _("A second factor is one of: %(states)s", states=", ".join(SecondFactor))


def _no_role(name: str) -> str:
    return _("There is no role “%(name)s”", name=name)


def _no_group(name: str) -> str:
    return _("There is no group “%(name)s”", name=name)


def _by_attribute(field: _FieldText) -> Filter | None:
    attribute = field.viewer.attributes[field.name.removeprefix(FIELD_PREFIX)]
    find_person = find_visible_person(field.viewer)
    texts = attribute_texts(attribute, field.text)
    try:
        return any_of([Filter(value_condition(attribute, text, find_person=find_person)) for text in texts])
    except Invalid as error:
        field.problems.append(str(error))
        return None


def _by_name_of(
    model: type[Role | Group], missing: Callable[[str], str], build: Callable[[list[UUID]], Filter]
) -> _Builder:
    def by_name(field: _FieldText) -> Filter | None:
        def find_id(name: str) -> UUID | None:
            row = find_by_name(model, caseless_key(name), reach=field.viewer.reach)
            return row.id if row else None

        names = names_in(model, field.text, field.viewer)
        ids = _find_all(names, find_id, missing, field.problems)
        return build(ids) if len(ids) == len(names) else None

    return by_name


def _by_text(build: Callable[[str], Filter | None]) -> _Builder:
    def by_text(field: _FieldText) -> Filter:
        built = build(field.text)
        if built is None:
            words = field.text
            field.problems.append(_("“%(words)s” is too short: give three letters or digits in a row.", words=words))
        return built or Filter(false())

    return _each(by_text)


def _by_id(field: _FieldText) -> Filter | None:
    user_id = parse_uuid(field.text)
    if user_id is None:
        field.problems.append(_("“%(words)s” is not an ID", words=field.text))
        return None
    return Filter(User.id == user_id)


def _by_time(field: _FieldText) -> Filter | None:
    is_sign_in = field.name == "last_sign_in"
    if is_sign_in and caseless_key(field.text) in NEVER_WORDS:
        return never_signed_in()
    try:
        first, last = parse_period(field.text)
    except ValueError:
        field.problems.append(_no_period(field.text))
        return None
    if first and last and first > last:
        field.problems.append(_("Enter a later day: this period has no days"))
        return None
    since = start_of_viewer_day(first) if first else None
    until = start_of_viewer_day(day_after(last)) if last else None
    return signed_in_between(since, until) if is_sign_in else between(User.created_at, since, until)


def _no_period(text: str) -> str:
    if text == RANGE:
        return _("Enter the first or the last day")
    words = text.removeprefix(RANGE).removesuffix(RANGE)
    return _(
        "“%(words)s” is not a date. Use 2026-03-01, <2026-03-01, 2026-03-01..2026-03-31, today or 7d.", words=words
    )


def _by_ending(field: _FieldText) -> Filter | None:
    match = _ENDING.fullmatch(field.text)
    days = int(match[1]) if match else 0
    if not 1 <= days <= ENDING_MAX:
        field.problems.append(_("Enter a number of days from 1 to %(max)s", max=ENDING_MAX))
        return None
    return between(User.ends_at, now(), now() + timedelta(days=days))


_BUILDERS: dict[str, _Builder] = {
    "id": _each(_by_id),
    "name": _by_text(lambda text: contains(User.name_key, text)),
    "email": _by_text(lambda text: contains(User.email_key, text)),
    "username": _by_text(lambda text: contains(User.username_sort, text)),
    "former": _by_text(has_former_name),
    "status": _by_state(_no_status, has_status),
    "invitation": _by_state(_no_invitation, lambda states: is_invited(*states)),
    "second_factor": _by_state(_no_second_factor, lambda states: any_of([*map(has_second_factor, states)])),
    "role": _by_name_of(Role, _no_role, lambda ids: has_role(*ids)),
    "group": _by_name_of(Group, _no_group, in_groups),
    "last_sign_in": _each(_by_time),
    "created": _each(_by_time),
    "ending": _each(_by_ending),
}
