"""Query parameters of a list."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from webapp.core.errors import Refused
from webapp.core.schemas import problems_from
from webapp.core.texts import _

Q = TypeVar("Q", bound=BaseModel)


def parse_query_parameters(schema: type[Q], **defaults: Any) -> Q:
    """Return the query parameters of this request, over `defaults`. Raise Refused (400) if one is wrong."""
    try:
        return schema.model_validate(defaults | request.args.to_dict())
    except ValidationError as error:
        name = problems_from(error)[0].field
        raise Refused(_("The value of “%(name)s” in this address is wrong", name=name), field=name) from None
