"""What is meant by `field:value` among the words of a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from webapp.access.models import Group, Role
from webapp.access.queries import find_by_name
from webapp.attributes.display import viewer_attributes
from webapp.attributes.models import FIELD_PREFIX, Attribute
from webapp.attributes.sorting_and_filtering import value_condition
from webapp.core.errors import Invalid
from webapp.core.formats import viewers_zone
from webapp.core.text import folded, key
from webapp.core.texts import _
from webapp.directory.filters import (
    Condition,
    between,
    contains,
    has_role,
    in_groups,
    negated,
    never_signed_in,
    same,
    signed_in_between,
    was_called,
)
from webapp.directory.query_language import Term
from webapp.users.models import Status, User
from webapp.users.queries import as_id, named_user

NEVER_WORDS = {"never", "никогда"}
_STATUSES = {
    "active": Status.ACTIVE,
    "активен": Status.ACTIVE,
    "invited": Status.INVITED,
    "приглашен": Status.INVITED,
    "deactivated": Status.DEACTIVATED,
    "деактивирован": Status.DEACTIVATED,
    "deleted": Status.DELETED,
    "bin": Status.DELETED,
    "корзина": Status.DELETED,
}
_SPAN = re.compile(
    r"(?P<sign><=|>=|<|>)?(?P<day>\d{4}-\d\d-\d\d)|(?P<first>\d{4}-\d\d-\d\d)?\.\.(?P<last>\d{4}-\d\d-\d\d)?"
)


def status_of(term: Term, notes: list[str]) -> Status | None:
    """That somebody has to have; None, and a note, for one that there is not."""
    status = _STATUSES.get(folded(term.text))
    if status is None:
        notes.append(_("There is no status “%(status)s”.", status=term.text))
    return status


def condition_of(term: Term, notes: list[str]) -> Condition | None:
    """What it asks of people; None, and a note, where it makes no sense."""
    condition = _READERS.get(term.field, _by_attribute)(term, notes)
    return negated(condition) if condition and term.negated else condition


def known_attributes() -> dict[str, Attribute]:
    """By key, those that the person looking may see of others."""
    return {attribute.key: attribute for attribute in viewer_attributes()}


def person_named(name: str) -> UUID:
    return named_user(name).id


def begin_of(day: date) -> datetime:
    """The first moment of a day where the person looking lives."""
    return datetime.combine(day, time.min, viewers_zone()).astimezone(UTC)


def _by_status(term: Term, notes: list[str]) -> Condition | None:
    status = status_of(term, notes)
    return same(User.status == status) if status else None


def _by_attribute(term: Term, notes: list[str]) -> Condition | None:
    try:
        return same(
            value_condition(
                known_attributes()[term.field.removeprefix(FIELD_PREFIX)], term.text, find_person=person_named
            )
        )
    except Invalid as error:
        notes.append(str(error))
        return None


def _by_name_of(
    model: type[Role | Group], missing: Callable[[str], str], condition: Callable[[UUID], Condition]
) -> Callable[[Term, list[str]], Condition | None]:
    def read(term: Term, notes: list[str]) -> Condition | None:
        row: Any = find_by_name(model, key(term.text))
        if row is None:
            notes.append(missing(term.text))
            return None
        return condition(row.id)

    return read


def _by_id(term: Term, notes: list[str]) -> Condition | None:
    user_id = as_id(term.text)
    if user_id is None:
        notes.append(_("“%(words)s” is no id.", words=term.text))
        return None
    return same(User.id == user_id)


def _by_moment(term: Term, notes: list[str]) -> Condition | None:
    if term.field == "last_sign_in" and key(term.text) in NEVER_WORDS:
        return never_signed_in()
    try:
        since, until = _span(term.text)
    except (ValueError, OverflowError):
        notes.append(
            _(
                "“%(words)s” is no date: write 2026-03-01, <2026-03-01, >2026-03-01 or 2026-03-01..2026-03-31.",
                words=term.text,
            )
        )
        return None
    return signed_in_between(since, until) if term.field == "last_sign_in" else between(User.created_at, since, until)


def _span(text: str) -> tuple[datetime | None, datetime | None]:
    """The moments between which a date, a comparison or a range of dates lies."""
    match = _SPAN.fullmatch(text)
    if match is None or text == "..":
        raise ValueError(text)
    if match["day"]:
        day = date.fromisoformat(match["day"])
        begin, end = begin_of(day), begin_of(day + timedelta(days=1))
        return {"<": (None, begin), "<=": (None, end), ">": (end, None), ">=": (begin, None), None: (begin, end)}[
            match["sign"]
        ]
    first, last = (text and date.fromisoformat(text) for text in (match["first"], match["last"]))
    return (begin_of(first) if first else None), (begin_of(last + timedelta(days=1)) if last else None)


_READERS: dict[str, Callable[[Term, list[str]], Condition | None]] = {
    "id": _by_id,
    "name": lambda term, _notes: contains(User.name_key, term.text),
    "email": lambda term, _notes: contains(User.email_key, term.text),
    "username": lambda term, _notes: contains(User.username_sort, term.text),
    "former": lambda term, _notes: was_called(term.text),
    "status": _by_status,
    "role": _by_name_of(Role, lambda name: _("There is no role “%(name)s”.", name=name), has_role),
    "group": _by_name_of(
        Group,
        lambda name: _("There is no group “%(name)s”.", name=name),
        lambda group_id: in_groups([group_id]),
    ),
    "last_sign_in": _by_moment,
    "created": _by_moment,
}
