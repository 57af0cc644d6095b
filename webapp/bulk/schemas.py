"""Query parameters of the page of one bulk change."""

from __future__ import annotations

from pydantic import Field

from webapp.bulk.models import Outcome
from webapp.lists.schemas import PageQuery

ATTRIBUTE_MAX = 40


class BulkQuery(PageQuery):
    """`outcome` filters the people. `attribute` is the key of the attribute to set."""

    outcome: Outcome | None = None
    attribute: str = Field("", max_length=ATTRIBUTE_MAX)
