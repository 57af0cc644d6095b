"""Top-k: all matches are found and the first ones of them sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Row, Uuid, and_, case, func, literal, literal_column, or_, select

from webapp.directory.index import search_index
from webapp.directory.query import Query
from webapp.directory.sources import UNBOUNDED, read_page
from webapp.lists.order import Slice, unindexed
from webapp.users.models import User


@dataclass(frozen=True)
class TopK:
    """All matches, found by the indexes of the filters, and the first ones of them sorted.

    At most `bound` matches are read. The last column of a row is the number of matches read.
    """

    query: Query
    bound: int = UNBOUNDED

    def fetch(self, part: Slice) -> list[Row[Any]]:
        order = self.query.order
        ranks = [(self.query.in_tier(rank), rank) for rank in range(len(self.query.tiers))]
        rank: Any = case(*ranks, else_=len(ranks)) if ranks else literal(0)
        # An expression as the key: by the column, a planner would read the order's index until it has found enough.
        matches = self.query.matches.with_only_columns(
            User.id.label("id"), unindexed(order.column).label("sort_key"), rank.label("rank")
        )
        if self.query.texts:
            matches = search_index().materialized(matches)
        matches_cte = matches.limit(self.bound).cte("matches")
        key = literal_column("matches.sort_key", order.column.type)
        id_, number = literal_column("matches.id", Uuid()), literal_column("matches.rank", Integer())
        page: Any = select(id_.label("id"), number.label("rank")).select_from(matches_cte)
        if part.after:
            later = number < part.after.rank if part.backwards else number > part.after.rank
            behind = order.behind(part.after, part, key=key, id=id_)
            page = page.where(or_(later, and_(number == part.after.rank, behind)))
        page = page.order_by(number.desc() if part.backwards else number).limit(part.limit)
        page = order.sorted(page, part, key=key, id=id_)
        return read_page(self.query, page, part, select(func.count()).select_from(matches_cte).scalar_subquery())
