"""How lists of people are sorted and narrowed by attributes: the parts that another room's query is made of.

All of it is about the table `users`, in SQL that both engines match to the expression indexes of `indexing.py`: the key
stands in it as a literal, for SQLite matches no bound one.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, String, false, literal_column

from webapp.attributes.checking import visible
from webapp.attributes.defining import KEY
from webapp.attributes.models import Attribute, Kind
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import FindPerson, Typed, checked_value, field_of, sort_value
from webapp.core.errors import Invalid, NotFound
from webapp.core.permissions import Powers
from webapp.core.text import key as key_of
from webapp.core.texts import _
from webapp.db.session import db

RANGE = ".."
RANGED = frozenset({Kind.NUMBER, Kind.DATE})
NO_VALUE = frozenset({"none", "-"})
# Where a list puts whoever has no value: before all others, numbers being at most 10¹⁵.
NO_TEXT, NO_NUMBER = "", -1e16

_TEXT = {
    "postgresql": "(coalesce({table}attributes_sort ->> '{key}', '') COLLATE \"C\")",
    "sqlite": "(coalesce(json_extract({table}attributes_sort, '$.{key}'), ''))",
}
# What is no number has no place among numbers, and must not break the index either.
_NUMBER = {
    "postgresql": "(CASE jsonb_typeof({table}attributes_sort -> '{key}') WHEN 'number'"
    " THEN CAST({table}attributes_sort ->> '{key}' AS double precision) ELSE -1e16 END)",
    "sqlite": "(coalesce(json_extract({table}attributes_sort, '$.{key}'), -1e16))",
}


def listed_attributes(powers: Powers) -> list[Attribute]:
    """Those that a list may show and be narrowed by, for somebody with these powers."""
    return visible(live_attributes(), powers)


def sortable_attributes(powers: Powers) -> list[Attribute]:
    """Those of them that it can be sorted by, now that their index is there."""
    return [attribute for attribute in listed_attributes(powers) if attribute.sortable and attribute.indexed_at]


def check_sortable(attribute: Attribute) -> None:
    """Raises Invalid for one by which no list can be sorted, or not yet."""
    if not attribute.sortable:
        message = _("The list cannot be sorted by %(label)s.", label=attribute.label)
    elif attribute.indexed_at is None:
        message = _("The list cannot be sorted by %(label)s yet: its index is being made.", label=attribute.label)
    else:
        return
    raise Invalid(message, field="sort", code="not_sortable")


def sort_key(attribute: Attribute) -> ColumnElement[Any]:
    """What a list of users is sorted by: texts byte by byte, numbers as such; never NULL."""
    return literal_column(expression(attribute, table="users."), Float() if _numeric(attribute) else String())


def expression(attribute: Attribute, *, table: str = "") -> str:
    """The same as the SQL of this database, for its index."""
    if not KEY.fullmatch(attribute.key):
        raise ValueError(attribute.key)
    words = _NUMBER if _numeric(attribute) else _TEXT
    return words[db.engine.dialect.name].format(table=table, key=attribute.key)


def matches(attribute: Attribute, text: str, *, find_person: FindPerson | None = None) -> ColumnElement[bool]:
    """Whose value is what somebody typed: a text without regard to case and accents, a choice by its value or name.

    `a..b`, `a..` and `..b` are ranges of numbers and dates, ends included; `none` and `-` are for no value. A person is
    one whom `find_person` finds; without it, an id. Raises Invalid for what cannot be read.
    """
    if _asks_for_none(attribute, text):
        return sort_key(attribute) == _nothing(attribute)
    if attribute.kind in RANGED and RANGE in text:
        return _within(attribute, text, find_person or _by_id)
    value = _read(attribute, text, find_person or _by_id)
    # A text of nothing but accents is sorted as none, and is nobody's.
    return false() if value == _nothing(attribute) else sort_key(attribute) == value


def _asks_for_none(attribute: Attribute, text: str) -> bool:
    """A choice may be called `none` itself."""
    word = key_of(text)
    called = {key_of(name) for each in attribute.options for name in (each.value, each.label_en, each.label_ru)}
    return word in NO_VALUE - called


def _within(attribute: Attribute, text: str, find_person: FindPerson) -> ColumnElement[bool]:
    first, last = (part.strip() for part in text.split(RANGE, 1))
    if not first and not last:
        raise _unreadable(attribute, _("Give at least one end: 5..10, 5.. or ..10."))
    column = sort_key(attribute)
    low = _read(attribute, first, find_person) if first else None
    high = _read(attribute, last, find_person) if last else None
    if low is not None and high is not None and low > high:
        raise _unreadable(attribute, _("This range ends before it begins."))
    # Whoever has no value is below every end.
    condition = column > _nothing(attribute) if low is None else column >= low
    return condition if high is None else condition & (column <= high)


def _read(attribute: Attribute, text: str, find_person: FindPerson) -> Any:
    value = checked_value(attribute, Typed(text), find_person)
    if value is None:
        raise _unreadable(attribute, _("Say which value of %(label)s is meant.", label=attribute.label))
    value = sort_value(value)
    return float(value) if _numeric(attribute) else value


def _by_id(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise NotFound(_("There is no such user.")) from None


def _nothing(attribute: Attribute) -> str | float:
    return NO_NUMBER if _numeric(attribute) else NO_TEXT


def _numeric(attribute: Attribute) -> bool:
    return attribute.kind == Kind.NUMBER


def _unreadable(attribute: Attribute, message: str) -> Invalid:
    return Invalid(message, field=field_of(attribute), code="unreadable")
