"""SQL by which a list of users is sorted and filtered by an attribute.

Both engines use an expression index only if the query repeats its expression literally. Therefore the key of the
attribute is part of the SQL text: SQLite does not match a bound parameter.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Select, String, false, literal_column, select

from webapp.attributes.definitions import KEY_PATTERN
from webapp.attributes.models import Attribute, AttributeKey, Kind
from webapp.attributes.queries import live_attributes
from webapp.attributes.values import FindPerson, TextInput, sort_value, validate_value, value_key
from webapp.attributes.visibility import visible_attributes
from webapp.core.errors import Invalid, NotFound
from webapp.core.periods import RANGE, is_relative, parse_period
from webapp.core.permissions import Powers
from webapp.core.text import caseless_key
from webapp.core.texts import _
from webapp.db.session import db

RANGE_KINDS = frozenset({Kind.NUMBER, Kind.DATE})
NO_VALUE_WORDS = frozenset({"none", "-"})
# People without a value come before all others in the index. Lists show them last.
# A valid number is at least -NUMBER_MAX, which is -1e15.
NO_TEXT, NO_NUMBER = "", -1e16

_TEXT = {
    "postgresql": "(coalesce({table}attributes_sort ->> '{key}', '') COLLATE \"C\")",
    "sqlite": "(coalesce(json_extract({table}attributes_sort, '$.{key}'), ''))",
}
# The column may hold a text from before the attribute became a number; a cast of it would fail.
_NUMBER = {
    "postgresql": "(CASE jsonb_typeof({table}attributes_sort -> '{key}') WHEN 'number'"
    " THEN CAST({table}attributes_sort ->> '{key}' AS double precision) ELSE -1e16 END)",
    "sqlite": "(coalesce(json_extract({table}attributes_sort, '$.{key}'), -1e16))",
}


def listed_attributes(powers: Powers) -> list[Attribute]:
    """Return the attributes that a person with these powers can see in lists."""
    return visible_attributes(live_attributes(), powers)


def check_sortable(attribute: Attribute) -> None:
    """Raise Invalid if the attribute is not sortable, or if its index is not ready."""
    if not attribute.sortable:
        message = _("You cannot sort the list by %(label)s", label=attribute.label)
    elif attribute.indexed_at is None:
        message = _(
            "You cannot sort the list by %(label)s yet because its index is being created", label=attribute.label
        )
    else:
        return
    raise Invalid(message, field="sort", code="not_sortable")


def sort_expression(attribute: Attribute) -> ColumnElement[Any]:
    """Return the sort key of `users`, which is never NULL. Texts sort by code point."""
    return literal_column(sort_sql(attribute, table="users."), Float() if _is_number(attribute) else String())


def sort_sql(attribute: Attribute, *, table: str = "") -> str:
    """Return the sort key as SQL of the current database. Its index has the same SQL."""
    if not KEY_PATTERN.fullmatch(attribute.key):
        raise ValueError(attribute.key)
    templates = _NUMBER if _is_number(attribute) else _TEXT
    return templates[db.engine.dialect.name].format(table=table, key=attribute.key)


def value_condition(attribute: Attribute, text: str, *, find_person: FindPerson | None = None) -> ColumnElement[bool]:
    """Return the condition that a user's value matches `text`. Raise Invalid if the text cannot be parsed.

    A text matches regardless of case and accents. A choice matches by its value or label, a person by their ID or by
    the result of `find_person`. `a..b`, `a..` and `..b` are ranges of numbers or dates and include both ends. `none`
    and `-` match users without a value. `7d`, `today` and `<30d` are days relative to today.
    """
    if _means_no_value(attribute, text):
        return sort_expression(attribute) == no_value(attribute)
    if attribute.kind == Kind.DATE and is_relative(text):
        text = str(parse_period(text))
    if attribute.kind in RANGE_KINDS and RANGE in text:
        return _range_condition(attribute, text, find_person or _find_by_id)
    value = _parse(attribute, text, find_person or _find_by_id)
    # A text that has only combining accents becomes empty when folded. It must not match users without a value.
    return false() if value == no_value(attribute) else sort_expression(attribute) == value


def finds_one(attribute: Attribute, text: str) -> bool:
    """Return whether `text` is a value that only one person can have: not a range, nor the lack of a value."""
    is_range = attribute.kind in RANGE_KINDS and (RANGE in text or is_relative(text))
    return attribute.unique and not is_range and not _means_no_value(attribute, text)


def holder_of(attribute: Attribute, text: str) -> Select[UUID]:
    """Select the ID of the person who has this value of a unique attribute. People in the bin have none.

    Raise Invalid if the text is no value of the attribute.
    """
    value = validate_value(attribute, TextInput(text), _find_by_id)
    if value is None:
        raise _unreadable(attribute, _("Enter a value of %(label)s", label=attribute.label))
    query = select(AttributeKey.user_id).where(AttributeKey.attribute_id == attribute.id)
    return query.where(AttributeKey.value_key == value_key(attribute.kind, value))


def _means_no_value(attribute: Attribute, text: str) -> bool:
    """Return whether the text means “no value”. A choice with the name `none` has precedence."""
    names = {caseless_key(name) for each in attribute.options for name in (each.value, each.label_en, each.label_ru)}
    return caseless_key(text) in NO_VALUE_WORDS - names


def _range_condition(attribute: Attribute, text: str, find_person: FindPerson) -> ColumnElement[bool]:
    first, last = (part.strip() for part in text.split(RANGE, 1))
    if not first and not last:
        raise _unreadable(attribute, _("Enter a range like 5..10, 5.. or ..10"))
    column = sort_expression(attribute)
    low = _parse(attribute, first, find_person) if first else None
    high = _parse(attribute, last, find_person) if last else None
    if low is not None and high is not None and low > high:
        raise _unreadable(attribute, _("The end of the range must be after its start"))
    # A range without a low end must exclude users without a value, who sort first.
    condition = column > no_value(attribute) if low is None else column >= low
    return condition if high is None else condition & (column <= high)


def _parse(attribute: Attribute, text: str, find_person: FindPerson) -> Any:
    value = validate_value(attribute, TextInput(text), find_person)
    if value is None:
        raise _unreadable(attribute, _("Enter a value of %(label)s", label=attribute.label))
    value = sort_value(value)
    return float(value) if _is_number(attribute) else value


def _find_by_id(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise NotFound(_("This user does not exist")) from None


def no_value(attribute: Attribute) -> str | float:
    """Return the sort key of people without a value. It is less than every other key."""
    return NO_NUMBER if _is_number(attribute) else NO_TEXT


def _is_number(attribute: Attribute) -> bool:
    return attribute.kind == Kind.NUMBER


def _unreadable(attribute: Attribute, message: str) -> Invalid:
    return Invalid(message, field=attribute.field_name, code="unreadable")
