"""The base class of JSON schemas. Unknown fields are invalid, and problems never repeat the input."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from webapp.core.errors import Problem
from webapp.core.moments import to_utc
from webapp.core.schema_messages import schema_message
from webapp.core.text import clean_search
from webapp.core.texts import _

UtcTime = Annotated[
    datetime,
    PlainSerializer(lambda moment: to_utc(moment).isoformat().replace("+00:00", "Z"), return_type=str),
]
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _iso_day(value: object) -> object:
    # A number would be the seconds since 1970.
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_parsing", "Use a day like 2026-03-01")


# A day like 2026-03-01.
IsoDay = Annotated[date, BeforeValidator(_iso_day)]


def inline(values: type[StrEnum]) -> WithJsonSchema:
    """Describe the values of an enum where they are used. Two enums of the same name must not share a schema."""
    return WithJsonSchema({"type": "string", "enum": [value.value for value in values]})


class Parameters(BaseModel):
    """The base class of query parameters."""

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Return a cached schema. flask-openapi calls this at each request; building it is slower than validation."""
        return super().model_json_schema(*args, **options) if args or options else _json_schema(cls)


@cache
def _json_schema(parameters: type[Parameters]) -> dict[str, Any]:
    return super(Parameters, parameters).model_json_schema()


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class EtagSchema(Schema):
    """The base class of rows with an ETag, which is a hash of all their values."""

    @property
    def etag(self) -> str:
        return sha256(self.model_dump_json().encode()).hexdigest()[:32]


# A text that a name or ID is looked up by.
SearchText = Annotated[str, AfterValidator(clean_search)]


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_("Send the bytes in Base64 (RFC 4648, section 4)")) from None
    return text


# The bytes of a file.
Base64Text = Annotated[str, AfterValidator(_base64)]


def problems_from(error: ValidationError, *, depth: int | None = None) -> list[Problem]:
    """Return the problems of a pydantic error without the input, because it can contain a password.

    `depth` limits the names of fields: query parameters have a depth of 1, also if one of several values is wrong.
    """
    return [
        Problem(".".join(map(str, e["loc"][:depth])), e["type"], schema_message(e["type"], e["msg"], e.get("ctx", {})))
        for e in error.errors(include_input=False, include_url=False)
    ]
