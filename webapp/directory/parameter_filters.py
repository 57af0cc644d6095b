"""Builds the filters for the parameters of an address. A parameter has the same values as its field in a search."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.core.errors import Invalid, Problem, Refused
from webapp.core.moments import day_after
from webapp.core.texts import _
from webapp.directory.exact_filters import attribute_filter
from webapp.directory.field_filters import build_filter, start_of_viewer_day
from webapp.directory.filters import (
    Filter,
    any_of,
    between,
    has_second_factor,
    is_invited,
    never_signed_in,
    signed_in_between,
)
from webapp.directory.query_language import Term
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.users.models import Status, User

# Parameters whose text is that of the field with the same name.
_TEXTS = ("role", "group", "last_sign_in", "created")


def parameter_filters(
    query: UserListQuery, viewer: Viewer, statuses: Collection[Status], problems: list[Problem]
) -> list[Filter]:
    """Return the filters of all parameters except the status. Add a problem for each value that is invalid.

    Raise Refused for an attribute that does not exist.
    """
    problems += _empty_periods(query)
    filters = [
        *_by_texts(query, viewer, problems),
        *_by_attributes(query, viewer, statuses, problems),
        *_by_days(query),
    ]
    if query.invitation:
        filters.append(is_invited(*query.invitation))
    if query.second_factor:
        filters.append(any_of([has_second_factor(state) for state in query.second_factor]))
    if query.never_signed_in:
        filters.append(never_signed_in())
    return filters


def bad_parameter(name: str) -> Refused:
    return Refused(_("The value of “%(name)s” in this address is wrong", name=name), field=name)


def _empty_periods(query: UserListQuery) -> Iterator[Problem]:
    """Report periods without a day, in which no one can be found."""
    message = _("Enter a later day: this period has no days")
    if query.created_from and query.created_to and query.created_from > query.created_to:
        yield Problem("created_to", "order", message)
    after, before = query.last_sign_in_after, query.last_sign_in_before
    if after and before and after >= before:
        yield Problem("last_sign_in_before", "order", message)


def _by_texts(query: UserListQuery, viewer: Viewer, problems: list[Problem]) -> Iterator[Filter]:
    texts = {name: getattr(query, name) for name in _TEXTS}
    texts["ending"] = str(query.ending or "")
    for name, text in texts.items():
        if text:
            messages: list[str] = []
            built = build_filter(Term(text, name), viewer, messages)
            code = "unknown" if name in ("role", "group") else "invalid"
            problems += [Problem(name, code, message) for message in messages]
            if built:
                yield built


def _by_attributes(
    query: UserListQuery, viewer: Viewer, statuses: Collection[Status], problems: list[Problem]
) -> Iterator[Filter]:
    for key, text in query.attributes.items():
        attribute = viewer.attributes.get(key)
        if attribute is None:
            raise bad_parameter(f"{PARAMETER_PREFIX}{key}")
        try:
            yield attribute_filter(attribute, text, viewer, statuses)
        except Invalid as error:
            problems.append(Problem(f"{PARAMETER_PREFIX}{key}", "invalid", str(error)))


def _by_days(query: UserListQuery) -> Iterator[Filter]:
    seen_since, seen_until = _start(query.last_sign_in_after), _start(query.last_sign_in_before)
    if seen_since or seen_until:
        yield signed_in_between(seen_since, seen_until)
    since = _start(query.created_from)
    until = _start(day_after(query.created_to)) if query.created_to else None
    if since or until:
        yield between(User.created_at, since, until)


def _start(day: date | None) -> datetime | None:
    return start_of_viewer_day(day) if day else None
