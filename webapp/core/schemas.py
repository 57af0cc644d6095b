"""The base class of JSON schemas. Unknown fields are invalid, and problems never repeat the input."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError

from webapp.core.errors import Invalid, Problem
from webapp.core.moments import to_utc
from webapp.core.text import clean_text

UtcTime = Annotated[
    datetime,
    PlainSerializer(lambda moment: to_utc(moment).isoformat().replace("+00:00", "Z"), return_type=str),
]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


def _clean(text: str) -> str:
    try:
        return clean_text(text, field="q")
    except Invalid as error:
        raise ValueError(str(error)) from None


# A text that a name or ID is looked up by.
SearchText = Annotated[str, AfterValidator(_clean)]


def problems_from(error: ValidationError) -> list[Problem]:
    """Return the problems of a pydantic error without the input, because it can contain a password."""
    return [
        Problem(".".join(map(str, e["loc"])), e["type"], e["msg"].removeprefix("Value error, "))
        for e in error.errors(include_input=False, include_url=False, include_context=False)
    ]
