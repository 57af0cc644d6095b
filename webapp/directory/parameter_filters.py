"""Builds the filters for the parameters of an address. A parameter has the same values as its field in a search."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from webapp.attributes.models import PARAMETER_PREFIX, Attribute
from webapp.attributes.sorting_and_filtering import finds_one, holder_of, value_condition
from webapp.core.errors import BadParameters, Invalid, Problem, Refused
from webapp.core.texts import _
from webapp.directory.field_filters import build_filter, find_visible_person, has_values
from webapp.directory.fields import FILTERS, FieldKind
from webapp.directory.filters import Filter, any_of
from webapp.directory.named_values import attribute_texts
from webapp.directory.old_parameters import OLD_PARAMETERS, old_period
from webapp.directory.query_language import Term
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.users.identity import parse_email, parse_username
from webapp.users.models import Status, User


def parameter_filters(query: UserListQuery, viewer: Viewer, statuses: Collection[Status]) -> list[Filter]:
    """Return the filters of all parameters except the status.

    Raise BadParameters with all values that are invalid, or Refused for an attribute that does not exist.
    """
    problems = list[Problem]()
    filters = [
        *_by_fields(query, viewer, problems),
        *_by_attributes(query, viewer, statuses, problems),
        *_by_identity(query, problems),
    ]
    if problems:
        raise BadParameters(problems)
    return filters


def bad_parameter(name: str) -> Refused:
    return Refused(_("The value of “%(name)s” in this address is wrong", name=name), field=name)


def _by_fields(query: UserListQuery, viewer: Viewer, problems: list[Problem]) -> Iterator[Filter]:
    for term, name, code in _terms(query):
        messages: list[str] = []
        built = build_filter(term, viewer, messages) if term.text else None
        problems += [Problem(name, code, message) for message in messages]
        if built:
            yield built


def _terms(query: UserListQuery) -> Iterator[tuple[Term, str, str]]:
    """Yield a term for each parameter, and the field and code of its problems. The text is empty without a value."""
    old = {name: str(getattr(query, name) or "") for name in OLD_PARAMETERS}
    yield Term(old_period("created", old), "created"), "created_to", "order"
    yield Term(old_period("last_sign_in", old), "last_sign_in"), "last_sign_in_before", "order"
    yield Term("never" if query.never_signed_in else "", "last_sign_in"), "never_signed_in", "invalid"
    for name, field in FILTERS.items():
        if name == "status":
            # A part of the query.
            continue
        value = getattr(query, name)
        text = ",".join(value) if isinstance(value, tuple) else str(value or "")
        yield Term(text, name), name, "unknown" if field.kind is FieldKind.NAME else "invalid"


def _by_attributes(
    query: UserListQuery, viewer: Viewer, statuses: Collection[Status], problems: list[Problem]
) -> Iterator[Filter]:
    for key, text in query.attributes.items():
        name, attribute = f"{PARAMETER_PREFIX}{key}", viewer.attributes.get(key)
        if attribute is None:
            raise bad_parameter(name)
        messages: list[str] = []
        try:
            if has_values(text, messages):
                yield any_of(
                    [_has_value(attribute, each, viewer, statuses) for each in attribute_texts(attribute, text)]
                )
        except Invalid as error:
            messages.append(str(error))
        problems += [Problem(name, "invalid", message) for message in messages]


def _has_value(attribute: Attribute, text: str, viewer: Viewer, statuses: Collection[Status]) -> Filter:
    """Find the holder of a unique value by its index. Several people in the bin may have the same value."""
    if Status.DELETED not in statuses and finds_one(attribute, text):
        return Filter(User.id.in_(holder_of(attribute, text)))
    return Filter(value_condition(attribute, text, find_person=find_visible_person(viewer)))


def _by_identity(query: UserListQuery, problems: list[Problem]) -> Iterator[Filter]:
    """Yield the filters for exactly this e-mail address and username."""
    for name, text in query.exact_identity.items():
        try:
            if name == "email":
                yield Filter(User.email_key == parse_email(text)[1])
            else:
                yield Filter(User.username_key == parse_username(text)[1])
        except Invalid as error:
            problems += error.problems
