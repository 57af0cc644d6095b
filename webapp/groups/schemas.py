"""The parameters of the list of groups."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from webapp.core.schemas import SearchText
from webapp.lists.schemas import SEARCH_MAX, PageQuery

OPEN_MAX = 40
_SEPARATOR = "."


def _split(text: Any) -> Any:
    return text.split(_SEPARATOR) if isinstance(text, str) else text


class GroupListQuery(PageQuery):
    """`open` are the groups whose children are shown. `inside` is the group whose children are the top of the list."""

    q: SearchText = Field("", max_length=SEARCH_MAX)
    open: Annotated[tuple[UUID, ...], BeforeValidator(_split)] = Field((), max_length=OPEN_MAX)
    inside: UUID | None = None

    def toggled(self, group_id: UUID) -> str:
        """Return the value of `open` with this group opened or closed. Close the first one if too many are open."""
        others = [each for each in self.open if each != group_id]
        ids = others if group_id in self.open else [*others, group_id]
        return _SEPARATOR.join(map(str, ids[-OPEN_MAX:]))
