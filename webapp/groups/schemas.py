"""The parameters of the list of groups."""

from __future__ import annotations

from pydantic import Field

from webapp.core.schemas import SearchText
from webapp.lists.schemas import SEARCH_MAX, PageQuery


class GroupListQuery(PageQuery):
    q: SearchText = Field("", max_length=SEARCH_MAX)
