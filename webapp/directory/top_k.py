"""Top-k: finds all matches, then sorts them and returns the first ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Row, Uuid, and_, case, func, literal, literal_column, or_, select

from webapp.directory.index import search_index
from webapp.directory.query import Query
from webapp.directory.sources import UNBOUNDED, fetch_page
from webapp.lists.order import Slice, unindexed
from webapp.users.models import User


@dataclass(frozen=True)
class TopK:
    """Finds matches by the indexes of the filters, at most `bound`, and returns the first rows in sort order.

    The last column of a row is the number of matches that were found.
    """

    query: Query
    bound: int = UNBOUNDED

    def fetch(self, part: Slice) -> list[Row[Any]]:
        order = self.query.order
        ranks = [(self.query.in_tier(rank), rank) for rank in range(len(self.query.tiers))]
        rank: Any = case(*ranks, else_=len(ranks)) if ranks else literal(0)
        # unindexed(): otherwise the planner might read the sort index until it has found enough matches.
        matches = self.query.matches.with_only_columns(
            User.id.label("id"), unindexed(order.column).label("sort_key"), rank.label("rank")
        )
        if self.query.indexed_texts:
            matches = search_index().materialized(matches)
        matches_cte = matches.limit(self.bound).cte("matches")
        key = literal_column("matches.sort_key", order.column.type)
        id_, number = literal_column("matches.id", Uuid()), literal_column("matches.rank", Integer())
        page: Any = select(id_.label("id"), number.label("rank")).select_from(matches_cte)
        if part.after:
            later = number < part.after.rank if part.backwards else number > part.after.rank
            is_after = order.after_cursor(part.after, part, key=key, id=id_)
            page = page.where(or_(later, and_(number == part.after.rank, is_after)))
        page = page.order_by(number.desc() if part.backwards else number).limit(part.limit)
        page = order.sorted(page, part, key=key, id=id_)
        return fetch_page(self.query, page, part, select(func.count()).select_from(matches_cte).scalar_subquery())
