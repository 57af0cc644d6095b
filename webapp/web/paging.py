"""How a request asks for a page of a list; pages and API share it."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import current_app, request
from itsdangerous import URLSafeSerializer
from pydantic import BaseModel, ValidationError
from sqlalchemy import Select

from webapp.core.errors import Refused
from webapp.core.schemas import problems_of
from webapp.core.texts import _
from webapp.lists.order import Order
from webapp.lists.page import Page, Window, paginate
from webapp.lists.sifting import Sifted

Q = TypeVar("Q", bound=BaseModel)
T = TypeVar("T")


def query_from(schema: type[Q], **defaults: Any) -> Q:
    """The address's parameters, checked; `defaults` count where it tells none.

    Raises Refused (400) naming the first one that is wrong.
    """
    try:
        return schema.model_validate(defaults | request.args.to_dict())
    except ValidationError as error:
        name = problems_of(error)[0].field
        raise Refused(_("The part “%(name)s” of this address is not right.", name=name), field=name) from None


def show_page(query: Select[T] | Sifted[T], order: Order, window: Window) -> Page[T]:
    """The page that was asked for; cursors are signed, so that a tampered one is told from an old one."""
    cursors = URLSafeSerializer(current_app.secret_key or "", salt="cursor")
    return paginate(query, order, window, cursors=cursors)
