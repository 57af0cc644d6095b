"""Names the people who have the values that a form was refused for: e-mail address, username, unique attributes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select

from webapp.attributes.models import Attribute, AttributeKey
from webapp.attributes.values import TextInput, validate_value, value_key
from webapp.core.errors import Invalid, NotFound, Refused, Taken
from webapp.core.permissions import Reach
from webapp.db.session import db
from webapp.users.forms import UserForm
from webapp.users.identity import parse_email, parse_username
from webapp.users.queries import find_user, get_user, get_user_by_identifier

_IDENTITY: dict[str, Callable[[str], tuple[str, str]]] = {"email": parse_email, "username": parse_username}


def name_holders(form: UserForm, error: Refused, *, reach: Reach) -> None:
    """Set `holder` of each field whose value is taken, if the viewer can see the person who has it."""
    if not isinstance(error, Taken):
        return
    for problem in error.problems:
        with suppress(Invalid, NotFound):
            holder = _find_holder(form, problem.field, reach)
            if holder is not None:
                form[problem.field].holder = get_user(holder, reach=reach)


def _find_holder(form: UserForm, field: str, reach: Reach) -> UUID | None:
    text = form[field].data if field in form else ""
    if not text:
        return None
    if field in _IDENTITY:
        user = find_user(column=f"{field}_key", value=_IDENTITY[field](text)[1])
        return user.id if user else None
    attribute = next((each for each in form.attributes if each.field_name == field), None)
    return None if attribute is None else _find_by_value(attribute, text, reach)


def _find_by_value(attribute: Attribute, text: str, reach: Reach) -> UUID | None:
    value = validate_value(attribute, TextInput(text), lambda name: get_user_by_identifier(name, reach=reach).id)
    is_same = (
        AttributeKey.attribute_id == attribute.id,
        AttributeKey.value_key == value_key(attribute.kind, value),
    )
    return db.session.scalar(select(AttributeKey.user_id).where(*is_same))
