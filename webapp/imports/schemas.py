"""Query parameters of the pages of imports."""

from __future__ import annotations

from webapp.imports.models import Outcome
from webapp.lists.schemas import PageQuery


class RowsQuery(PageQuery):
    """`outcome` filters the rows."""

    outcome: Outcome | None = None
