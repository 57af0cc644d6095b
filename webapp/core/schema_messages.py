"""The messages of pydantic in the language of the request. Pydantic writes them in English, for programmers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.core.texts import _

_TIME = _("Use a time with an offset, like 2027-03-31T18:00:00Z")
_DATE = _("Enter a date like 2026-03-01")
_NUMBER = _("Use a whole number")
_UUID = _("Use an ID: a UUID")
_OBJECT = _("Use a JSON object")
_CHOICE = _("Use one of: %(expected)s")
# The type of an error → its message. Values come from the context of the error, which has only limits.
MESSAGES: Mapping[str, Any] = {
    "missing": _("This field is required"),
    "extra_forbidden": _("This field does not exist"),
    "string_type": _("Use a text"),
    "string_unicode": _("Use text that is valid Unicode"),
    "string_too_short": _("Use at least %(min_length)s characters"),
    "string_too_long": _("Use at most %(max_length)s characters"),
    "string_pattern_mismatch": _("Use the format of the description"),
    "too_short": _("Give at least %(min_length)s items"),
    "too_long": _("Give at most %(max_length)s items"),
    "list_type": _("Use a JSON array"),
    "tuple_type": _("Use a JSON array"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "bool_type": _("Use true or false"),
    "bool_parsing": _("Use true or false"),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_from_float": _NUMBER,
    "float_type": _("Use a number"),
    "float_parsing": _("Use a number"),
    "finite_number": _("Use a number"),
    "greater_than_equal": _("Use %(ge)s or more"),
    "less_than_equal": _("Use %(le)s or less"),
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "timezone_aware": _TIME,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
}


def schema_message(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Return the message of an error of pydantic, in the current language if MESSAGES has its kind."""
    text = MESSAGES.get(kind)
    if text is None or (kind == "missing" and context):
        return message.removeprefix("Value error, ")
    return str(text) % _values(context) if context else str(text)


def _values(context: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).replace(" or ", ", ") for name, value in context.items()}
