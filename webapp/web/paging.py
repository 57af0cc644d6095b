"""Query parameters of a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from webapp.core.errors import BadParameters, Problem
from webapp.core.schemas import problems_from
from webapp.core.texts import _

Q = TypeVar("Q", bound=BaseModel)


def parse_query_parameters(schema: type[Q], **defaults: Any) -> Q:
    """Return the query parameters of this request, over `defaults`. Raise BadParameters (400) if one is wrong."""
    try:
        return schema.model_validate(defaults | request.args.to_dict())
    except ValidationError as error:
        raise BadParameters(
            [replace(problem, message=_message(problem)) for problem in problems_from(error, depth=1)]
        ) from None


def parse_filters(schema: type[Q], fields: Collection[str]) -> tuple[Q, dict[str, str]]:
    """Return the query parameters without those of `fields` that are wrong, and field → what is wrong with it.

    Raise BadParameters if another parameter is wrong.
    """
    try:
        return parse_query_parameters(schema), {}
    except BadParameters as error:
        errors = {problem.field: problem.message for problem in error.problems}
        if errors.keys() - set(fields):
            raise
        return schema.model_validate({k: v for k, v in request.args.items() if k not in errors}), errors


def _message(problem: Problem) -> str:
    """Return the problem in the viewer's language: the messages of pydantic are English and for programs."""
    if problem.code.startswith("date"):
        return _("Enter a date like 2026-03-01")
    return _("The value of “%(name)s” in this address is wrong", name=problem.field)
