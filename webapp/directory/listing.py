"""Reads the list of users. Pages, API, commands, palette, saved views and bulk changes use these functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, false

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.models import PARAMETER_PREFIX
from webapp.attributes.sorting_and_filtering import check_sortable, no_value, sort_expression
from webapp.core.clock import now
from webapp.core.errors import BadParameters, Invalid, Problem, Refused
from webapp.core.moments import day_after
from webapp.core.text import appearance, caseless_key, fold_text
from webapp.core.texts import _
from webapp.directory.exact_filters import attribute_filter, identity_filters
from webapp.directory.field_filters import (
    build_filter,
    no_group,
    no_role,
    parse_status,
    start_of_viewer_day,
)
from webapp.directory.filters import (
    MAX_CHARACTER,
    Filter,
    between,
    has_role,
    has_second_factor,
    in_groups,
    is_invited,
    never_signed_in,
    signed_in_between,
)
from webapp.directory.name_matching import matches_text
from webapp.directory.plan import Matches, TooBroad
from webapp.directory.queries import (
    LISTED,
    LISTED_WITH_TEXT,
    SIMILAR_SHOWN,
    SORTS,
    last_figure,
    similar_users,
    visible_to,
)
from webapp.directory.query import Query
from webapp.directory.query_language import Search, Term, parse_search
from webapp.directory.schemas import UserListQuery
from webapp.directory.sources import BY_NAME
from webapp.directory.values_first import ValuesFirst
from webapp.directory.viewer import Viewer
from webapp.lists.count import Count, counted
from webapp.lists.order import Order, Slice
from webapp.lists.page import IndexedRows, Page, Rows, paginate
from webapp.users.models import ListedUser, Status, User
from webapp.users.queries import parse_uuid


@dataclass(frozen=True)
class UserList(Page[ListedUser]):
    """A page of users, with the parsed search and the status that it is filtered by."""

    search: Search = field(default_factory=Search)
    status: Status | None = None


@dataclass(frozen=True)
class UserMatches:
    """All users who match. `messages` are those of the search."""

    query: Select[ListedUser]
    messages: list[str]


def list_users(query: UserListQuery, viewer: Viewer) -> UserList:
    """Return a page of users. Raise Refused for an invalid parameter, for example an unknown role or group."""
    search, parsed = parse_query(query, viewer)
    status, order = parsed.status, parsed.order
    window = replace(query.window, at=_start_key(query.at, order))
    filtered = parsed.terms or parsed.filters
    rows: Rows = Matches(parsed) if filtered else IndexedRows(parsed.matches, order, last_figure(status))
    if query.sort.startswith(PARAMETER_PREFIX):
        attribute = viewer.attributes[query.sort.removeprefix(PARAMETER_PREFIX)]
        rows = ValuesFirst(parsed, no_value(attribute), last_figure(status))
    try:
        page: Page[ListedUser] = paginate(rows, order, window)
    except TooBroad as error:
        search.problems.append(str(error))
        page = Page([], None, None, Count(0, exact=False))
    return UserList(page.items, page.next, page.previous, page.count, page.last, search, status)


def matching_users(query: UserListQuery, viewer: Viewer) -> UserMatches:
    """Return all users of the list, to count, select or export them. Raise Refused like `list_users`."""
    search, parsed = parse_query(query, viewer)
    return UserMatches(parsed.matches, search.messages)


def count_in_bin(query: UserListQuery, viewer: Viewer) -> int:
    """Return how many people in the bin match."""
    deleted = query.model_copy(update={"status": Status.DELETED})
    return counted(matching_users(deleted, viewer).query).value


def suggest_users(search: Search, viewer: Viewer) -> list[ListedUser]:
    """Return people with names similar to the longest word of a search that has no matches.

    Leave out people who match all words, or whose name looks the same. A filter or another alphabet excludes them, and
    to the reader the suggestion would repeat the search.
    """
    words = [term for term in search.words if not term.negated]
    found = similar_users(max((term.text for term in words), key=len, default=""), viewer)
    return [user for user in found if not all(_looks_the_same(term, user) for term in words)][:SIMILAR_SHOWN]


def _looks_the_same(term: Term, user: ListedUser) -> bool:
    return matches_text(term, user.search_text) or appearance(term.text) in appearance(user.search_text)


def first_users(words: str, limit: int) -> list[ListedUser]:
    """Return the first people that match the words, the best matches first."""
    terms = parse_search(words).words
    if not any(not term.negated for term in terms):
        return []
    rows, _count = Matches(Query(LISTED, BY_NAME, terms=terms)).fetch(Slice(limit), exact=False)
    return [row[0] for row in rows]


def parse_query(query: UserListQuery, viewer: Viewer) -> tuple[Search, Query]:
    """Return the parsed search and the query of the list. Raise Refused for an invalid parameter."""
    # Attributes are read only if a field may name one.
    keys = frozenset(viewer.attributes) if ":" in query.q else frozenset()
    search, filters = parse_search(query.q, attributes=keys), list[Filter]()
    user_id = parse_uuid(query.q)
    if user_id is not None:
        search = Search()
        filters.append(Filter(User.id == user_id))
    elif query.q.strip() and not search.terms:
        filters.append(Filter(false()))
    status = query.status
    for term in search.terms:
        if term.field == "status" and status is None and not term.negated:
            # The query has the status instead of a filter: indexes contain it, and only it includes people in the bin.
            status = parse_status(term, search.problems)
        elif term.field and (condition := build_filter(term, viewer, search.problems)):
            filters.append(condition)
    problems = _date_problems(query)
    filters += [*_by_parameters(query, viewer, problems), *_by_attributes(query, viewer, status, problems)]
    filters += [*identity_filters(query), *visible_to(viewer)]
    if problems:
        raise BadParameters(problems)
    if search.problems:
        # A condition that makes no sense must not mean everyone.
        return search, Query(LISTED, _order(query.sort, viewer), status, filters=[Filter(false())])
    rows = LISTED_WITH_TEXT if search.words else LISTED
    return search, Query(rows, _order(query.sort, viewer), status, search.words, filters)


def _date_problems(query: UserListQuery) -> list[Problem]:
    """Report periods without a day, in which no one can be found."""
    message, problems = _("Enter a later day: this period has no days"), []
    if query.created_from and query.created_to and query.created_from > query.created_to:
        problems.append(Problem("created_to", "order", message))
    after, before = query.last_sign_in_after, query.last_sign_in_before
    if after and before and after >= before:
        problems.append(Problem("last_sign_in_before", "order", message))
    return problems


def _by_parameters(query: UserListQuery, viewer: Viewer, problems: list[Problem]) -> list[Filter]:
    filters = []
    for model, name, build, missing in (
        (Role, query.role, has_role, no_role),
        (Group, query.group, lambda group_id: in_groups([group_id]), no_group),
    ):
        if name:
            row: Any = find_by_name(model, caseless_key(name), reach=viewer.reach)
            if row is None:
                problems.append(Problem(model.__name__.lower(), "unknown", missing(name)))
            else:
                filters.append(build(row.id))
    if query.invitation:
        filters.append(is_invited(query.invitation))
    if query.second_factor:
        filters.append(has_second_factor(query.second_factor))
    if query.ending is not None:
        filters.append(between(User.ends_at, now(), now() + timedelta(days=query.ending)))
    if query.never_signed_in:
        filters.append(never_signed_in())
    seen_since = _start(query.last_sign_in_after)
    seen_until = _start(query.last_sign_in_before)
    if seen_since or seen_until:
        filters.append(signed_in_between(seen_since, seen_until))
    since = _start(query.created_from)
    until = _start(day_after(query.created_to)) if query.created_to else None
    if since or until:
        filters.append(between(User.created_at, since, until))
    return filters


def _start(day: date | None) -> datetime | None:
    return start_of_viewer_day(day) if day else None


def _by_attributes(
    query: UserListQuery, viewer: Viewer, status: Status | None, problems: list[Problem]
) -> list[Filter]:
    filters = []
    for name, text in query.attributes.items():
        attribute = viewer.attributes.get(name)
        if attribute is None:
            raise _bad_parameter(f"{PARAMETER_PREFIX}{name}")
        try:
            filters.append(attribute_filter(attribute, text, viewer, status))
        except Invalid as error:
            problems.append(Problem(f"{PARAMETER_PREFIX}{name}", "invalid", str(error)))
    return filters


def _order(sort: str, viewer: Viewer) -> Order:
    """Raise Refused for an unknown attribute, or if lists cannot be sorted by it."""
    name = sort.removeprefix("-")
    if not name.startswith(PARAMETER_PREFIX):
        return Order.of(sort, SORTS, User.id)
    attribute = viewer.attributes.get(name.removeprefix(PARAMETER_PREFIX))
    if attribute is None:
        raise _bad_parameter("sort")
    try:
        check_sortable(attribute)
    except Invalid as error:
        raise Refused(str(error), field="sort") from error
    return Order.of(sort, {name: sort_expression(attribute)}, User.id)


def _start_key(text: str, order: Order) -> Any:
    """Return the key at which the list starts, from the first letters of a text or from a day; None without a text.

    A descending list starts after all keys that start with the letters, or at the end of the day.
    """
    if not text:
        return None
    kind = order.column.type.python_type
    if kind is str:
        # Usernames and addresses keep their accents.
        accented = order.column is User.email_key or order.column is User.username_sort
        return (caseless_key(text) if accented else fold_text(text)) + (MAX_CHARACTER if order.descending else "")
    try:
        if kind is float:
            return float(text)
        day = date.fromisoformat(text)
        return start_of_viewer_day(day_after(day)) if order.descending else start_of_viewer_day(day)
    except ValueError:
        raise Refused(_("Enter a date like 2026-03-01"), field="at") from None


def _bad_parameter(name: str) -> Refused:
    return Refused(_("The value of “%(name)s” in this address is wrong", name=name), field=name)
