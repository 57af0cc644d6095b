"""A query of the directory: what the list shows, in terms of filters, tiers and an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, text

from webapp.directory.filters import LAST, Filter, has_words, lacks_words
from webapp.directory.index import search_index
from webapp.directory.index_postgresql import Alternatives
from webapp.directory.query_language import Term
from webapp.directory.ranking import ExactKey, KeyRange, Tier, tiers_of
from webapp.lists.order import Order
from webapp.users.models import Status


@dataclass(frozen=True)
class Query:
    """The rows of the list: people of this status, or everyone outside the bin, who match all terms and filters.

    `rows` selects the columns of a row, without conditions. The terms are words, positive and negated.
    """

    rows: Select[Any]
    order: Order
    status: Status | None = None
    terms: Sequence[Term] = ()
    conditions: Sequence[Filter] = ()

    @cached_property
    def words(self) -> list[Filter]:
        return has_words(self.terms)

    @cached_property
    def filters(self) -> list[Filter]:
        """All filters but those of the words that the tiers rank."""
        return [*self.conditions, *lacks_words(self.terms)]

    @cached_property
    def tiers(self) -> list[Tier]:
        return tiers_of(self.terms, self.order.column)

    @property
    def is_scan(self) -> bool:
        """Whether no filter has an index."""
        return not self.words and all(each.scans for each in self.filters)

    @property
    def listed(self) -> TextClause:
        return text(search_index().listed(self.status))

    @property
    def tests(self) -> list[ColumnElement[bool]]:
        return [each.sql for each in (*self.words, *self.filters)]

    @property
    def texts(self) -> list[Alternatives]:
        return [each.texts for each in (*self.words, *self.filters) if each.texts]

    @property
    def matches(self) -> Select[Any]:
        """All rows, in no order, found by the indexes of the filters."""
        if not self.words and not self.filters:
            return self.rows.where(self.listed)
        index = search_index()
        by_text = [index.contain(self.texts)] if self.texts else []
        return self.rows.where(text(index.narrowed(self.status)), *by_text, *self.tests)

    def tier_sql(self, rank: int) -> tuple[str, dict[str, str]]:
        """The condition of a tier in SQL, and its parameters, whose names are its own."""
        tier, name = self.tiers[rank], f"tier{rank}"
        key = self.order.column.key
        if isinstance(tier, ExactKey):
            return f"(users.{tier.column} = :{name})", {name: tier.text}
        in_range = f"users.{key} >= :{name}_low AND users.{key} < :{name}_high"
        values = {f"{name}_low": tier.low, f"{name}_high": tier.high}
        if isinstance(tier, KeyRange):
            return f"({in_range})", values
        second = f"substr(users.{key}, {search_index().POSITION}(users.{key}, '{tier.separator}') + 1)"
        values |= {f"{name}_text": tier.text, f"{name}_end": tier.text + LAST}
        return f"({in_range} AND {second} >= :{name}_text AND {second} < :{name}_end)", values

    def in_tier(self, rank: int) -> TextClause:
        sql, values = self.tier_sql(rank)
        return text(sql).bindparams(**values)

    def in_no_tier_before(self, rank: int) -> list[TextClause]:
        tiers = (self.tier_sql(each) for each in range(rank))
        return [text(f"NOT {sql}").bindparams(**values) for sql, values in tiers]

    def not_counted_before(self, rank: int) -> tuple[str, dict[str, str]]:
        """The same for a count of ranges, as SQL: it does not count exact keys, so they need no condition.

        The name's index alone answers it.
        """
        tiers = [self.tier_sql(each) for each in range(rank) if not isinstance(self.tiers[each], ExactKey)]
        values = {name: value for _sql, each in tiers for name, value in each.items()}
        return "".join(f" AND NOT {sql}" for sql, _values in tiers), values
