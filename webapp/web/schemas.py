"""Problems of JSON bodies and query parameters (RFC 9457)."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel, ValidationError

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
    status, depth = (400, 1) if request.method in {"GET", "HEAD"} else (422, None)
    return problem_response(status, str(_("Some values are missing or wrong")), problems_from(error, depth=depth))
