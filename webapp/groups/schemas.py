"""The parameters of the list of groups."""

from __future__ import annotations

from pydantic import Field

from webapp.core.schemas import Words
from webapp.lists.schemas import SEARCH_MAX, PageQuery


class GroupListQuery(PageQuery):
    q: Words = Field("", max_length=SEARCH_MAX)
