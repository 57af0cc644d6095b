"""How a request asks for a page of a list; pages and API share it."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from webapp.core.errors import Refused
from webapp.core.schemas import problems_of
from webapp.core.texts import _
from webapp.lists.page import paginate as show_page

Q = TypeVar("Q", bound=BaseModel)


def query_from(schema: type[Q], **defaults: Any) -> Q:
    """The address's parameters, checked; `defaults` count where it tells none.

    Raises Refused (400) naming the first one that is wrong.
    """
    try:
        return schema.model_validate(defaults | request.args.to_dict())
    except ValidationError as error:
        name = problems_of(error)[0].field
        raise Refused(_("The part “%(name)s” of this address is not right.", name=name), field=name) from None


__all__ = ["query_from", "show_page"]
