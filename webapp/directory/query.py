"""A query of the list of users: status, words, filters, tiers and sort order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, case, literal, text

from webapp.directory.filters import MAX_CHARACTER, Filter, negated_word_filters_of, word_filters_of
from webapp.directory.index import search_index
from webapp.directory.name_matching import Alternatives
from webapp.directory.query_language import Term
from webapp.directory.ranking import ExactKey, KeyRange, Tier, tiers_of
from webapp.lists.order import Order
from webapp.users.models import Status


@dataclass(frozen=True)
class Query:
    """Selects the people with this status, or everyone outside the bin, who match all terms and filters.

    `rows` selects the columns of a row, without conditions. The terms are words, some of them negated.
    """

    rows: Select[Any]
    order: Order
    status: Status | None = None
    terms: Sequence[Term] = ()
    filters: Sequence[Filter] = ()
    # The chosen statuses. `status` is the only one; several are a filter, too.
    statuses: Sequence[Status] = ()

    @property
    def with_bin(self) -> bool:
        """Whether people in the bin can match beside others."""
        return len(self.statuses) > 1 and Status.DELETED in self.statuses

    @cached_property
    def word_filters(self) -> list[Filter]:
        return word_filters_of(self.terms)

    @cached_property
    def other_filters(self) -> list[Filter]:
        """The filters that do not come from words, and those of negated words."""
        return [*self.filters, *negated_word_filters_of(self.terms)]

    @cached_property
    def tiers(self) -> list[Tier]:
        return tiers_of(self.terms, self.order.column)

    @property
    def needs_scan(self) -> bool:
        """Whether no index finds the matches of a filter."""
        return not self.word_filters and all(each.scans for each in self.other_filters)

    @property
    def status_sql(self) -> str:
        return "1 = 1" if self.with_bin else str(search_index().status_sql(self.status))

    @property
    def has_status(self) -> TextClause:
        return text(self.status_sql)

    @property
    def sql_conditions(self) -> list[ColumnElement[bool]]:
        return [each.sql for each in (*self.word_filters, *self.other_filters)]

    @property
    def indexed_texts(self) -> list[Alternatives]:
        return [each.texts for each in (*self.word_filters, *self.other_filters) if each.texts]

    @property
    def matches(self) -> Select[Any]:
        """All matches, unsorted, found by the indexes of the filters."""
        if not self.word_filters and not self.other_filters:
            return self.rows.where(self.has_status)
        index = search_index()
        by_text = [index.contains_texts(self.indexed_texts)] if self.indexed_texts else []
        status = "1 = 1" if self.with_bin else index.unindexed_status_sql(self.status)
        return self.rows.where(text(status), *by_text, *self.sql_conditions)

    def tier_sql(self, rank: int) -> tuple[str, dict[str, str]]:
        """Return the condition of a tier as SQL, and its parameters. Their names contain the rank."""
        tier, name = self.tiers[rank], f"tier{rank}"
        key = self.order.column.key
        if isinstance(tier, ExactKey):
            return f"(users.{tier.column} = :{name})", {name: tier.text}
        in_range = f"users.{key} >= :{name}_low AND users.{key} < :{name}_high"
        values = {f"{name}_low": tier.low, f"{name}_high": tier.high}
        if isinstance(tier, KeyRange):
            return f"({in_range})", values
        second = f"substr(users.{key}, {search_index().POSITION}(users.{key}, '{tier.separator}') + 1)"
        values |= {f"{name}_text": tier.text, f"{name}_end": tier.text + MAX_CHARACTER}
        return f"({in_range} AND {second} >= :{name}_text AND {second} < :{name}_end)", values

    def in_tier(self, rank: int) -> TextClause:
        sql, values = self.tier_sql(rank)
        return text(sql).bindparams(**values)

    def in_no_tier_before(self, rank: int) -> list[TextClause]:
        tiers = (self.tier_sql(each) for each in range(rank))
        return [text(f"NOT {sql}").bindparams(**values) for sql, values in tiers]

    @property
    def rank(self) -> Any:
        """The number of the first tier that contains the row."""
        ranks = [(self.in_tier(rank), rank) for rank in range(len(self.tiers))]
        return case(*ranks, else_=len(ranks)) if ranks else literal(0)

    def sql_of_no_tier_before(self, rank: int, *, exact: bool = True) -> tuple[str, dict[str, Any]]:
        """Return SQL that excludes the rows of earlier tiers, and its parameters.

        `exact=False`, for counts: keep the few rows of exact keys, so that the index of names is enough.
        """
        earlier = [each for each in range(rank) if exact or not isinstance(self.tiers[each], ExactKey)]
        tiers = [self.tier_sql(each) for each in earlier]
        values = {name: value for _sql, each in tiers for name, value in each.items()}
        return "".join(f" AND NOT {sql}" for sql, _values in tiers), values
