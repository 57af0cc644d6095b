"""The base of all JSON schemas: unknown fields are refused, and what was sent is never echoed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal

from flask import Response, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from webapp.core.counting import COUNT_BOUND
from webapp.core.errors import Invalid, Problem
from webapp.core.languages import _
from webapp.core.pagination import LIMIT_DEFAULT, LIMIT_MAX, Window
from webapp.core.refusals import problem
from webapp.core.text import cleaned

CURSOR_MAX = 1000

Time = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str),
]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


def _visible(text: str) -> str:
    try:
        return cleaned(text, field="q")
    except Invalid as error:
        raise ValueError(str(error)) from None


# Text to find something by.
Words = Annotated[str, AfterValidator(_visible)]


class PageQuery(BaseModel):
    """Which page of a list, in its address; a parameter without a value is none."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="How many a page.")
    after: str | None = Field(None, max_length=CURSOR_MAX, description="The `next` of the page before.")
    before: str | None = Field(None, max_length=CURSOR_MAX, description="The `previous` of the page after.")
    count: Literal["bounded", "exact"] = Field(
        "bounded", description=f"How many there are: up to {COUNT_BOUND}, or exactly, which takes longer."
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}

    @classmethod
    def model_json_schema(cls, *given: Any, **named: Any) -> dict[str, Any]:
        """flask-openapi looks at it at each request, and making it takes longer than reading the query by it."""
        return super().model_json_schema(*given, **named) if given or named else _json_schema(cls)

    @property
    def window(self) -> Window:
        return Window(self.limit, self.after, self.before, exact=self.count == "exact")


@cache
def _json_schema(query: type[PageQuery]) -> dict[str, Any]:
    return super(PageQuery, query).model_json_schema()


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]
    request_id: str


def problems_of(error: ValidationError) -> list[Problem]:
    """What pydantic found, without the input: a password may be among it."""
    return [
        Problem(".".join(map(str, e["loc"])), e["type"], e["msg"].removeprefix("Value error, "))
        for e in error.errors(include_input=False, include_url=False, include_context=False)
    ]


def refused_by_schema(error: ValidationError) -> Response:
    """422 for a body, 400 for query parameters."""
    status = 400 if request.method in {"GET", "HEAD"} else 422
    return problem(status, str(_("Some of what was sent is missing or not right.")), problems_of(error))
