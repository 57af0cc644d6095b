"""Reads the list of users. Pages, API, commands, palette, saved views and bulk changes use these functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, false

from webapp.attributes.models import PARAMETER_PREFIX
from webapp.attributes.sorting_and_filtering import check_sortable, no_value, sort_expression
from webapp.core.errors import Invalid, Refused
from webapp.core.moments import day_after
from webapp.core.spellings import appearance
from webapp.core.text import caseless_key, fold_text
from webapp.core.texts import _
from webapp.directory.field_filters import build_filter, parse_statuses, start_of_viewer_day
from webapp.directory.filters import MAX_CHARACTER, Filter, has_status
from webapp.directory.name_matching import matches_text
from webapp.directory.parameter_filters import bad_parameter, parameter_filters
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
    """A page of users, with the parsed search and the statuses that it is filtered by."""

    search: Search = field(default_factory=Search)
    statuses: Sequence[Status] = ()

    @property
    def status(self) -> Status | None:
        """The only status of the people, or None."""
        return self.statuses[0] if len(self.statuses) == 1 else None


@dataclass(frozen=True)
class UserMatches:
    """All users who match. `messages` are those of the search.

    `filtered`: whether there are words or filters beside the status. `scans`: whether no index finds the matches.
    """

    query: Select[ListedUser]
    messages: list[str]
    filtered: bool = False
    scans: bool = False


def list_users(query: UserListQuery, viewer: Viewer) -> UserList:
    """Return a page of users. Raise Refused for an invalid parameter, for example an unknown role or group."""
    search, parsed, rows = list_source(query, viewer)
    order = parsed.order
    window = replace(query.window, at=_start_key(query.at, order))
    try:
        page: Page[ListedUser] = paginate(rows, order, window)
    except TooBroad as error:
        search.problems.append(str(error))
        page = Page([], None, None, Count(0, exact=False))
    return UserList(page.items, page.next, page.previous, page.count, page.last, search, parsed.statuses)


def list_source(query: UserListQuery, viewer: Viewer) -> tuple[Search, Query, Rows]:
    """Return what the list reads its pages from. Raise Refused like `list_users`."""
    search, parsed = parse_query(query, viewer)
    if query.sort.startswith(PARAMETER_PREFIX):
        attribute = viewer.attributes[query.sort.removeprefix(PARAMETER_PREFIX)]
        return search, parsed, ValuesFirst(parsed, no_value(attribute), last_figure(parsed.status))
    if parsed.terms or parsed.filters:
        return search, parsed, Matches(parsed)
    return search, parsed, IndexedRows(parsed.matches, parsed.order, last_figure(parsed.status))


def matching_users(query: UserListQuery, viewer: Viewer) -> UserMatches:
    """Return all users of the list, to count, select or export them. Raise Refused like `list_users`."""
    search, parsed = parse_query(query, viewer)
    filtered = bool(parsed.terms or parsed.filters)
    return UserMatches(parsed.matches, search.messages, filtered, scans=filtered and parsed.needs_scan)


def count_in_bin(query: UserListQuery, viewer: Viewer) -> int:
    """Return how many people in the bin match."""
    deleted = query.model_copy(update={"status": (Status.DELETED,)})
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
    search, filters = _parse_search(query.q, viewer)
    statuses, order = list(query.status), _order(query.sort, viewer)
    for term in search.terms:
        if term.field == "status" and not statuses and not term.negated:
            # The query has the status instead of a filter: indexes contain it, and only it includes people in the bin.
            statuses = parse_statuses(term, search.problems)
        elif term.field and (condition := build_filter(term, viewer, search.problems)):
            filters.append(condition)
    filters += [*parameter_filters(query, viewer, statuses), *visible_to(viewer)]
    status = statuses[0] if len(statuses) == 1 else None
    if search.problems:
        # A condition that makes no sense must not mean everyone.
        return search, Query(LISTED, order, status, filters=[Filter(false())], statuses=statuses)
    if len(statuses) > 1:
        filters.append(has_status(statuses))
    rows = LISTED_WITH_TEXT if search.words else LISTED
    return search, Query(rows, order, status, search.words, filters, statuses)


def _parse_search(text: str, viewer: Viewer) -> tuple[Search, list[Filter]]:
    """Return the parsed search, and the filter for a text that is an ID or that has no terms."""
    if (user_id := parse_uuid(text)) is not None:
        return Search(), [Filter(User.id == user_id)]
    # Attributes are read only if a field may name one.
    search = parse_search(text, attributes=frozenset(viewer.attributes) if ":" in text else frozenset())
    return search, [Filter(false())] if text.strip() and not search.terms else []


def _order(sort: str, viewer: Viewer) -> Order:
    """Raise Refused for an unknown attribute, or if lists cannot be sorted by it."""
    name = sort.removeprefix("-")
    if not name.startswith(PARAMETER_PREFIX):
        return Order.of(sort, SORTS, User.id)
    attribute = viewer.attributes.get(name.removeprefix(PARAMETER_PREFIX))
    if attribute is None:
        raise bad_parameter("sort")
    try:
        check_sortable(attribute)
    except Invalid as error:
        raise Refused(str(error), field="sort") from error
    return Order.of(sort, {name: sort_expression(attribute)}, User.id)


def _start_key(text: str, order: Order) -> Any:
    """Return the key at which the list starts: the first letters of a text, a number or a day. None without a text.

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
        message = _("Use a number") if kind is float else _("Enter a date like 2026-03-01")
        raise Refused(message, field="at") from None
