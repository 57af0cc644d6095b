"""What the addresses of bulk changes ask for, and what the list's form sends."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from pydantic import Field, ValidationError

from webapp.bulk.models import VIEW_MAX, Outcome
from webapp.core.errors import Refused
from webapp.core.texts import _
from webapp.directory.schemas import UserListQuery
from webapp.lists.schemas import PageQuery

ATTRIBUTE_MAX = 40


class BulkQuery(PageQuery):
    """Which people of a bulk change; `attribute` is the one that was chosen to be set."""

    outcome: Outcome | None = None
    attribute: str = Field("", max_length=ATTRIBUTE_MAX)


def chosen_ids(texts: list[str]) -> set[UUID]:
    """Raises Refused for what is no id: only a damaged form sends that."""
    try:
        return {UUID(text) for text in texts}
    except ValueError:
        raise Refused(_("The selection is incomplete. Go back and select people again."), field="ids") from None


def tidy(view: str) -> str:
    """The list's parameters as an address may hold them, whatever was sent."""
    return urlencode(parse_qsl(view[:VIEW_MAX], keep_blank_values=True))


def viewed(view: str) -> UserListQuery:
    """The list as `view` asks for it. Raises Refused for what the list itself would refuse."""
    try:
        return UserListQuery.model_validate(dict(parse_qsl(view, keep_blank_values=True)))
    except (ValidationError, ValueError):
        raise Refused(_("The selection is incomplete. Go back and select people again."), field="view") from None
