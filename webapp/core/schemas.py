"""The base of all JSON schemas: unknown fields are refused, and what was sent is never echoed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from flask import Response, request
from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError

from webapp.core.errors import Problem
from webapp.core.languages import _
from webapp.core.refusals import problem

Time = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str),
]


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


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
    status = 400 if request.method == "GET" else 422
    return problem(status, str(_("Some of what was sent is missing or not right.")), problems_of(error))
