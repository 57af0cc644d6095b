"""The base class of JSON schemas. Unknown fields are invalid, and problems never repeat the input."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError

from webapp.core.errors import Problem
from webapp.core.moments import to_utc
from webapp.core.text import clean_search

UtcTime = Annotated[
    datetime,
    PlainSerializer(lambda moment: to_utc(moment).isoformat().replace("+00:00", "Z"), return_type=str),
]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


# A text that a name or ID is looked up by.
SearchText = Annotated[str, AfterValidator(clean_search)]


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("Send the bytes in Base64 (RFC 4648, section 4)") from None
    return text


# The bytes of a file.
Base64Text = Annotated[str, AfterValidator(_base64)]


def problems_from(error: ValidationError, *, depth: int | None = None) -> list[Problem]:
    """Return the problems of a pydantic error without the input, because it can contain a password.

    `depth` limits the names of fields: query parameters have a depth of 1, also if one of several values is wrong.
    """
    return [
        Problem(".".join(map(str, e["loc"][:depth])), e["type"], e["msg"].removeprefix("Value error, "))
        for e in error.errors(include_input=False, include_url=False, include_context=False)
    ]
