"""Filters that find one person by exactly the value that a program knows."""

from __future__ import annotations

from collections.abc import Collection

from webapp.attributes.models import Attribute
from webapp.attributes.sorting_and_filtering import finds_one, holder_of, value_condition
from webapp.core.errors import BadParameters, Invalid, Problem
from webapp.directory.field_filters import find_visible_person, has_values
from webapp.directory.filters import Filter, any_of
from webapp.directory.named_values import attribute_texts
from webapp.directory.schemas import UserListQuery
from webapp.directory.viewer import Viewer
from webapp.users.identity import parse_email, parse_username
from webapp.users.models import Status, User


def identity_filters(query: UserListQuery) -> list[Filter]:
    """Return the filters for `exact_identity`. Raise BadParameters for a text that no one can have."""
    filters, problems = list[Filter](), list[Problem]()
    for name, text in query.exact_identity.items():
        try:
            filters.append(_is_email(text) if name == "email" else _is_username(text))
        except Invalid as error:
            problems += error.problems
    if problems:
        raise BadParameters(problems)
    return filters


def _is_email(text: str) -> Filter:
    return Filter(User.email_key == parse_email(text)[1])


def _is_username(text: str) -> Filter:
    return Filter(User.username_key == parse_username(text)[1])


def attribute_filter(attribute: Attribute, text: str, viewer: Viewer, statuses: Collection[Status]) -> Filter:
    """Return the filter for the values of an attribute. A value of a unique attribute finds at most one person.

    Several people in the bin may have the same value. Raise Invalid for a wrong value.
    """
    problems: list[str] = []
    if not has_values(text, problems):
        raise Invalid(problems[0], field=attribute.field_name)
    return any_of([_has_value(attribute, each, viewer, statuses) for each in attribute_texts(attribute, text)])


def _has_value(attribute: Attribute, text: str, viewer: Viewer, statuses: Collection[Status]) -> Filter:
    if Status.DELETED not in statuses and finds_one(attribute, text):
        return Filter(User.id.in_(holder_of(attribute, text)))
    return Filter(value_condition(attribute, text, find_person=find_visible_person(viewer)))
