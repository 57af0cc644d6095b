"""What a request asks the list of users for, as page and API read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false

from webapp.access.models import Group, Role
from webapp.access.queries import named
from webapp.attributes.listing import check_sortable, matches, sort_key
from webapp.attributes.models import Attribute
from webapp.attributes.showing import PREFIX, shown_attributes
from webapp.core.access import Permission, reach
from webapp.core.clock import now
from webapp.core.counting import Count, counted
from webapp.core.errors import Invalid, Refused
from webapp.core.languages import _, viewers_zone
from webapp.core.leaping import LAST
from webapp.core.lists import show_page
from webapp.core.ordering import Order
from webapp.core.pagination import Page
from webapp.core.sifting import Sifted
from webapp.core.text import folded, key
from webapp.users.finding import (
    Condition,
    between,
    contains,
    has_role,
    has_words,
    in_groups,
    negated,
    never_signed_in,
    same,
    signed_in_between,
    was_called,
)
from webapp.users.models import ListedUser, Status, User
from webapp.users.queries import as_id, listed_users, named_user, nearest, sifted_users, users_by
from webapp.users.schemas import ATTRIBUTE, UserListQuery
from webapp.users.syntax import Sought, Term, parsed

NEVER_WORDS = {"never", "никогда"}
_STATUSES = {
    "active": Status.ACTIVE,
    "активен": Status.ACTIVE,
    "invited": Status.INVITED,
    "приглашён": Status.INVITED,
    "deactivated": Status.DEACTIVATED,
    "деактивирован": Status.DEACTIVATED,
    "deleted": Status.DELETED,
    "bin": Status.DELETED,
    "корзина": Status.DELETED,
}
_SPAN = re.compile(
    r"(?P<sign><=|>=|<|>)?(?P<day>\d{4}-\d\d-\d\d)|(?P<first>\d{4}-\d\d-\d\d)?\.\.(?P<last>\d{4}-\d\d-\d\d)?"
)


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
    keys = frozenset(_attributes()) if ":" in query.q else frozenset()
    asked = Asked(parsed(query.q, attributes=keys), query.status)
    user_id = as_id(query.q)
    if user_id is not None:
        asked.sought = Sought()
        asked.conditions.append(same(User.id == user_id))
    elif query.q.strip() and not asked.sought.terms:
        asked.conditions.append(same(false()))
    asked.conditions += has_words(asked.sought.words)
    asked.conditions += _by_fields(asked)
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


def ids_of(model: type[Role | Group], names: Collection[str]) -> list[UUID]:
    """The ids of the roles or groups that a program names, by name or id. Raises Invalid for one that is not there."""
    field = f"{model.__name__.lower()}s"
    ids = []
    for name in dict.fromkeys(names):
        row: Any = named(model, key(name))
        if row is None:
            raise Invalid(_("“%(name)s” is not there.", name=name), field=field, code="unknown")
        ids.append(row.id)
    return list(dict.fromkeys(ids))


def _by_filters(query: UserListQuery) -> list[Condition]:
    conditions = []
    for model, name, condition in (
        (Role, query.role, has_role),
        (Group, query.group, lambda group_id: in_groups([group_id])),
    ):
        if name:
            row: Any = named(model, key(name))
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
        conditions.append(_created(since, until))
    return conditions


def _day(name: str, day: date | None, *, days: int = 0) -> datetime | None:
    """The first moment so many days later. Raises Refused where the calendar ends."""
    try:
        return _begin(day + timedelta(days=days)) if day else None
    except OverflowError:
        raise _wrong(name) from None


def _by_attributes(query: UserListQuery) -> list[Condition]:
    conditions = []
    for name, text in query.attributes.items():
        attribute = _attributes().get(name)
        if attribute is None:
            raise _wrong(f"{ATTRIBUTE}{name}")
        try:
            conditions.append(same(matches(attribute, text, find_person=_person)))
        except Invalid as error:
            raise Refused(str(error), field=f"{ATTRIBUTE}{name}") from error
    return conditions


def _attributes() -> dict[str, Attribute]:
    """By key, those that the person looking may see of others."""
    return {attribute.key: attribute for attribute in shown_attributes()}


def _attribute_order(sort: str) -> dict[str, Any]:
    """What a list is sorted by that is sorted by an attribute. Raises Refused while no index serves it."""
    name = sort.removeprefix("-")
    if not name.startswith(ATTRIBUTE):
        return {}
    attribute = _attributes().get(name.removeprefix(ATTRIBUTE))
    if attribute is None:
        raise _wrong("sort")
    try:
        check_sortable(attribute)
    except Invalid as error:
        raise Refused(str(error), field="sort") from error
    return {name: sort_key(attribute)}


def _by_attribute(asked: Asked, term: Term) -> Condition | None:
    try:
        return same(matches(_attributes()[term.field.removeprefix(PREFIX)], term.text, find_person=_person))
    except Invalid as error:
        asked.notes.append(str(error))
        return None


def _person(name: str) -> UUID:
    return named_user(name).id


def _wrong(name: str) -> Refused:
    return Refused(_("The part “%(name)s” of this address is not right.", name=name), field=name)


def _by_fields(asked: Asked) -> list[Condition]:
    conditions = []
    for term in asked.sought.terms:
        if not term.field:
            continue
        condition = _READERS.get(term.field, _by_attribute)(asked, term)
        if condition is not None:
            conditions.append(negated(condition) if term.negated else condition)
    return conditions


def _by_status(asked: Asked, term: Term) -> Condition | None:
    status = _STATUSES.get(key(term.text))
    if status is None:
        asked.notes.append(_("There is no status “%(status)s”.", status=term.text))
        return None
    if asked.status is None and not term.negated:
        # An index serves it, and whoever is in the bin is found by their status only.
        asked.status = status
        return None
    return same(User.status == status)


def _by_name_of(model: type[Role | Group], missing: str, condition: Callable[[UUID], Condition]) -> Any:
    def read(asked: Asked, term: Term) -> Condition | None:
        row: Any = named(model, key(term.text))
        if row is None:
            asked.notes.append(_(missing, name=term.text))
            return None
        return condition(row.id)

    return read


def _by_id(asked: Asked, term: Term) -> Condition | None:
    user_id = as_id(term.text)
    if user_id is None:
        asked.notes.append(_("“%(words)s” is no id.", words=term.text))
        return None
    return same(User.id == user_id)


def _by_moment(asked: Asked, term: Term) -> Condition | None:
    if term.field == "last_sign_in" and key(term.text) in NEVER_WORDS:
        return never_signed_in()
    try:
        since, until = _span(term.text)
    except (ValueError, OverflowError):
        asked.notes.append(
            _(
                "“%(words)s” is no date: write 2026-03-01, <2026-03-01, >2026-03-01 or 2026-03-01..2026-03-31.",
                words=term.text,
            )
        )
        return None
    return signed_in_between(since, until) if term.field == "last_sign_in" else _created(since, until)


def _created(since: datetime | None, until: datetime | None) -> Condition:
    return between(User.created_at, since, until)


def _span(text: str) -> tuple[datetime | None, datetime | None]:
    """The moments between which a date, a comparison or a range of dates lies."""
    match = _SPAN.fullmatch(text)
    if match is None or text == "..":
        raise ValueError(text)
    if match["day"]:
        day = date.fromisoformat(match["day"])
        begin, end = _begin(day), _begin(day + timedelta(days=1))
        return {"<": (None, begin), "<=": (None, end), ">": (end, None), ">=": (begin, None), None: (begin, end)}[
            match["sign"]
        ]
    first, last = (text and date.fromisoformat(text) for text in (match["first"], match["last"]))
    return (_begin(first) if first else None), (_begin(last + timedelta(days=1)) if last else None)


def _at(text: str, order: Order) -> Any:
    """What a list of this order shall begin at: the first letters of a text, or a day, the last one counting whole."""
    if not text:
        return None
    kind = order.column.type.python_type
    if kind is str:
        return folded(text) + (LAST if order.descending else "")
    try:
        if kind is float:
            return float(text)
        day = date.fromisoformat(text)
        return _begin(day + timedelta(days=1)) if order.descending else _begin(day)
    except (ValueError, OverflowError):
        raise _wrong("at") from None


def _begin(day: date) -> datetime:
    """The first moment of a day where the person looking lives."""
    return datetime.combine(day, time.min, viewers_zone()).astimezone(UTC)


_READERS: dict[str, Callable[[Asked, Term], Condition | None]] = {
    "id": _by_id,
    "name": lambda _asked, term: contains(User.name_key, term.text),
    "email": lambda _asked, term: contains(User.email_key, term.text),
    "username": lambda _asked, term: contains(User.username_sort, term.text),
    "former": lambda _asked, term: was_called(term.text),
    "status": _by_status,
    "role": _by_name_of(Role, _("There is no role “%(name)s”."), has_role),
    "group": _by_name_of(Group, _("There is no group “%(name)s”."), lambda group_id: in_groups([group_id])),
    "last_sign_in": _by_moment,
    "created": _by_moment,
}
