"""Problems of JSON bodies and query parameters (RFC 9457)."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel, ValidationError

from webapp.core.errors import Refused
from webapp.core.schemas import problems_from
from webapp.core.texts import _
from webapp.web.error_pages import problem_response


class FieldError(BaseModel):
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


def validation_problem(error: ValidationError) -> Response:
    """Return 422 for a body, 400 for query parameters."""
    detail = str(_("Some values are missing or wrong"))
    if request.method in {"GET", "HEAD"}:
        return problem_response(400, detail, problems_from(error, depth=1), code=Refused.code)
    return problem_response(422, detail, problems_from(error))
