"""The parameters of the list of groups."""

from __future__ import annotations

from pydantic import Field

from webapp.core.schemas import PageQuery, Words
from webapp.users.queries import SEARCH_MAX


class GroupListQuery(PageQuery):
    q: Words = Field("", max_length=SEARCH_MAX)
