"""What a request asks the list of users for, as page and API read it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, false

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.models import PARAMETER_PREFIX
from webapp.attributes.sorting_and_filtering import check_sortable, sort_expression, value_condition
from webapp.core.clock import now
from webapp.core.errors import Invalid, Refused
from webapp.core.permissions import Permission
from webapp.core.text import folded, key
from webapp.core.texts import _
from webapp.directory.field_filters import begin_of, condition_of, known_attributes, person_named, status_of
from webapp.directory.filters import (
    Condition,
    between,
    has_role,
    has_words,
    in_groups,
    never_signed_in,
    same,
    signed_in_between,
)
from webapp.directory.queries import listed_users, nearest, sifted_users, users_by
from webapp.directory.query_language import Sought, parsed
from webapp.directory.schemas import UserListQuery
from webapp.lists.count import Count, counted
from webapp.lists.order import Order
from webapp.lists.page import Page
from webapp.lists.sifting import Sifted
from webapp.lists.skip_scan import LAST
from webapp.users.models import ListedUser, Status, User
from webapp.users.queries import as_id
from webapp.web.guards import reach
from webapp.web.paging import show_page


@dataclass
class Asked:
    """A list of users, understood: who is wanted, and what of the words makes no sense."""

    sought: Sought
    status: Status | None
    conditions: list[Condition] = field(default_factory=list)
    key: str = ""

    @property
    def notes(self) -> list[str]:
        return self.sought.notes

    @property
    def users(self) -> Select[ListedUser]:
        """Everybody who is wanted, of those whom the asker may see."""
        return listed_users(self.conditions, status=self.status, reach=reach(Permission.USERS_READ))

    @property
    def list(self) -> Select[ListedUser] | Sifted[ListedUser]:
        """The same, to page through."""
        marks = bool(self.sought.words)
        seen = reach(Permission.USERS_READ)
        return sifted_users(self.conditions, status=self.status, reach=seen, marks=marks, key=self.key)


def asked_for(query: UserListQuery) -> Asked:
    """Raises Refused for an unknown role or group in the address; unknown ones among the words are noted."""
    # Definitions are read only for who may mean one.
    keys = frozenset(known_attributes()) if ":" in query.q else frozenset()
    asked = Asked(parsed(query.q, attributes=keys), query.status)
    user_id = as_id(query.q)
    if user_id is not None:
        asked.sought = Sought()
        asked.conditions.append(same(User.id == user_id))
    elif query.q.strip() and not asked.sought.terms:
        asked.conditions.append(same(false()))
    asked.conditions += has_words(asked.sought.words)
    _read_fields(asked)
    asked.conditions += _by_filters(query)
    asked.conditions += _by_attributes(query)
    asked.key = query.model_dump_json(exclude={"sort", "limit", "after", "before", "at", "count"})
    return asked


def found_users(query: UserListQuery) -> Select[ListedUser]:
    """The users that `query` asks for, of those whom the asker may see."""
    return asked_for(query).users


def page_of(query: UserListQuery, asked: Asked) -> Page[ListedUser]:
    """The page of these users that `query` asks for."""
    order = users_by(query.sort, asked.sought.words, further=_attribute_order(query.sort))
    return show_page(asked.list, order, replace(query.window, at=_at(query.at, order)))


def in_bin(query: UserListQuery) -> Count:
    """How many there are of them in the bin."""
    return counted(found_users(query.model_copy(update={"status": Status.DELETED})))


def nearest_to(sought: Sought) -> list[ListedUser]:
    """Who may be meant by words that find nobody."""
    longest = max((term.text for term in sought.words if not term.negated), key=len, default="")
    return nearest(longest, reach=reach(Permission.USERS_READ))


def _read_fields(asked: Asked) -> None:
    for term in asked.sought.terms:
        if term.field == "status" and asked.status is None and not term.negated:
            # An index serves it, and whoever is in the bin is found by their status only.
            asked.status = status_of(term, asked.notes)
        elif term.field and (condition := condition_of(term, asked.notes)):
            asked.conditions.append(condition)


def _by_filters(query: UserListQuery) -> list[Condition]:
    conditions = []
    for model, name, condition in (
        (Role, query.role, has_role),
        (Group, query.group, lambda group_id: in_groups([group_id])),
    ):
        if name:
            row: Any = find_by_name(model, key(name))
            if row is None:
                raise _wrong(model.__name__.lower())
            conditions.append(condition(row.id))
    if query.ending is not None:
        conditions.append(between(User.ends_at, now(), now() + timedelta(days=query.ending)))
    if query.never_signed_in:
        conditions.append(never_signed_in())
    seen_since = _day("last_sign_in_after", query.last_sign_in_after)
    seen_until = _day("last_sign_in_before", query.last_sign_in_before)
    if seen_since or seen_until:
        conditions.append(signed_in_between(seen_since, seen_until))
    since, until = _day("created_from", query.created_from), _day("created_to", query.created_to, days=1)
    if since or until:
        conditions.append(between(User.created_at, since, until))
    return conditions


def _day(name: str, day: date | None, *, days: int = 0) -> datetime | None:
    """The first moment so many days later. Raises Refused where the calendar ends."""
    try:
        return begin_of(day + timedelta(days=days)) if day else None
    except OverflowError:
        raise _wrong(name) from None


def _by_attributes(query: UserListQuery) -> list[Condition]:
    conditions = []
    for name, text in query.attributes.items():
        attribute = known_attributes().get(name)
        if attribute is None:
            raise _wrong(f"{PARAMETER_PREFIX}{name}")
        try:
            conditions.append(same(value_condition(attribute, text, find_person=person_named)))
        except Invalid as error:
            raise Refused(str(error), field=f"{PARAMETER_PREFIX}{name}") from error
    return conditions


def _attribute_order(sort: str) -> dict[str, Any]:
    """What a list is sorted by that is sorted by an attribute. Raises Refused while no index serves it."""
    name = sort.removeprefix("-")
    if not name.startswith(PARAMETER_PREFIX):
        return {}
    attribute = known_attributes().get(name.removeprefix(PARAMETER_PREFIX))
    if attribute is None:
        raise _wrong("sort")
    try:
        check_sortable(attribute)
    except Invalid as error:
        raise Refused(str(error), field="sort") from error
    return {name: sort_expression(attribute)}


def _wrong(name: str) -> Refused:
    return Refused(_("The part “%(name)s” of this address is not right.", name=name), field=name)


def _at(text: str, order: Order) -> Any:
    """What a list of this order shall begin at: the first letters of a text, or a day, the last one counting whole."""
    if not text:
        return None
    kind = order.column.type.python_type
    if kind is str:
        # Usernames and addresses keep their accents.
        kept = order.column is User.email_key or order.column is User.username_sort
        return (key(text) if kept else folded(text)) + (LAST if order.descending else "")
    try:
        if kind is float:
            return float(text)
        day = date.fromisoformat(text)
        return begin_of(day + timedelta(days=1)) if order.descending else begin_of(day)
    except (ValueError, OverflowError):
        raise _wrong("at") from None
