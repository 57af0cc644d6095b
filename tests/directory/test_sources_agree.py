"""Every source returns the rows that ORDER BY rank, key, id over all matches returns, in both directions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import case, func, literal, select, text

from webapp.access.models import HELPDESK
from webapp.core.permissions import Actor, ActorKind
from webapp.db.session import db
from webapp.demo.services import fill
from webapp.directory import skip_scan, sources
from webapp.directory.filters import Filter, between, has_role, never_signed_in, signed_in_between
from webapp.directory.index import search_index
from webapp.directory.plan import Matches, plan
from webapp.directory.queries import LISTED, SORTS
from webapp.directory.query import Query
from webapp.directory.query_language import parse_search
from webapp.directory.sources import TopK, fetch_together
from webapp.lists import count as counting
from webapp.lists.order import Cursor, Order, Slice
from webapp.users.models import Status, User
from webapp.web.api import App

PEOPLE, LIMIT = 300, 4
# With these small bounds, few users count as many, and sources are cut off.
SMALL, LARGE = (
    {"COUNT_BOUND": 3, "SCAN_BOUND": 7, "SKIP_BOUND": 5},
    {"COUNT_BOUND": 5, "SCAN_BOUND": 1000, "SKIP_BOUND": 500},
)


class Expected(NamedTuple):
    """A row of the expected result, which the database sorts without any source."""

    id: UUID
    key: Any
    rank: int

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.rank, self.key, self.id)


@pytest.fixture
def words(app: App) -> Iterator[list[str]]:
    """Create PEOPLE users. Yield the words of their names, addresses and usernames, in an app context."""
    with app.app_context():
        fill(PEOPLE, by=Actor(ActorKind.COMMAND, "test"))
        found, chance = set[str](), random.Random(0)
        for name, email, username in db.session.execute(select(User.name_key, User.email_key, User.username_sort)):
            found |= {*name.split(), username, *chance.choice([[], [], email.replace("@", ".").split("."), [email]])}
        yield sorted(found - {""})


def expected_rows(query: Query) -> list[Expected]:
    """Return all matches, found without the text index, ranked by the conditions of the tiers."""
    ranks = [(query.in_tier(rank), rank) for rank in range(len(query.tiers))]
    rank: Any = case(*ranks, else_=len(ranks)) if ranks else literal(0)
    key = query.order.column
    found = select(User.id, key, rank).where(
        text(search_index().unindexed_status_sql(query.status)), *query.sql_conditions
    )
    directions = [each.desc() if query.order.descending else each for each in (key, User.id)]
    found = found.order_by(rank) if ranks else found
    return [Expected(*row) for row in db.session.execute(found.order_by(*directions))]


def common_queries() -> list[Query]:
    """Return queries for the most common names, for one whole address and for all people by their date, by text keys.

    They find something by each kind of source, whatever the example data and the random queries contain.
    """
    names = [name.split() for name in db.session.scalars(select(User.name_key)) if " " in name]
    words = [Counter(name[at] for name in names).most_common(1)[0][0] for at in (0, 1)]
    words.append(db.session.scalar(select(func.min(User.email_key))) or "")
    orders = [Order.of(name, SORTS, User.id) for name in ("name", "-name", "email")]
    by_word = [Query(LISTED, order, terms=parse_search(word).words) for order in orders for word in words]
    return [*by_word, Query(LISTED, orders[0], filters=[between(User.created_at, None, datetime.now(UTC))])]


def random_query(chance: random.Random, words: Sequence[str]) -> Query:
    typed = " ".join(
        random_term(chance, chance.choice(words)) for _number in range(chance.choice((0, 1, 1, 1, 1, 2, 3)))
    )
    day = datetime.now(UTC) - timedelta(days=chance.randrange(1, 2000))
    filters: list[list[Filter]] = [
        *([[]] * 5),
        [never_signed_in()],
        [between(User.created_at, day, None)],
        [between(User.created_at, None, day), signed_in_between(day - timedelta(days=400), None)],
        [has_role(HELPDESK)],
    ]
    order = Order.of(chance.choice(("", "-")) + chance.choice(["name", *SORTS]), SORTS, User.id)
    status = chance.choice((None, None, None, *Status))
    return Query(LISTED, order, status, parse_search(typed).words, chance.choice(filters))


def random_term(chance: random.Random, word: str) -> str:
    """Return the word, its start or a part of it, sometimes quoted or negated."""
    start = chance.choice((0, 0, chance.randrange(len(word))))
    part = word[start : chance.choice((len(word), start + chance.randint(1, 6)))]
    return chance.choice(("{}", "{}", "{}", "{}", '"{}"', "-{}")).format(part)


def slices(rows: Sequence[Expected]) -> Iterator[tuple[Slice, list[UUID]]]:
    """Yield the first, a middle and the last slice in both directions, with their expected IDs."""
    for backwards in (False, True):
        ordered = list(reversed(rows)) if backwards else list(rows)
        starts = {0, len(rows) // 2, max(len(rows) - LIMIT, 0)}
        for start in sorted(starts):
            cursor = ordered[start - 1].cursor if start else None
            yield Slice(LIMIT, cursor, backwards), [row.id for row in ordered[start : start + LIMIT]]


def check_sources(query: Query, rows: Sequence[Expected]) -> set[str]:
    """Compare each source with the rows of its tier. Return the names of the sources that had rows."""
    used = set()
    for source in plan(query):
        tier = [row for row in rows if row.rank == source.rank]
        for part, ids in slices(tier):
            found = [row[0].id for row in fetch_together(query, [source.select(part)], part)]
            if found != ids:
                assert source.is_cut_off(part), (source, part)
                assert found == ids[: len(found)], (source, part)
            used |= {type(source).__name__} if found else set()
    for part, ids in slices(rows):
        assert [row[0].id for row in TopK(query).fetch(part)] == ids, (query, part)
    return used


def check_pages(query: Query, rows: Sequence[Expected]) -> None:
    """Compare the pages of the plan and their counts with the rows."""
    for part, ids in slices(rows):
        found, count = Matches(query).fetch(part, exact=False)
        assert [row[0].id for row in found] == ids, part
        assert count == counting.bounded(len(rows))


@pytest.mark.parametrize("bounds", [SMALL, LARGE])
def test_every_source_returns_what_order_by_returns(
    words: list[str], monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int], exhaustive: bool
) -> None:
    monkeypatch.setattr(counting, "COUNT_BOUND", bounds["COUNT_BOUND"])
    monkeypatch.setattr(sources, "SCAN_BOUND", bounds["SCAN_BOUND"])
    monkeypatch.setattr(skip_scan, "SKIP_BOUND", bounds["SKIP_BOUND"])
    chance, used = random.Random(bounds["SCAN_BOUND"]), set[str]()
    for query in [*common_queries(), *(random_query(chance, words) for _number in range(100 if exhaustive else 15))]:
        if not (query.terms or query.filters) or query.needs_scan:
            continue
        rows = expected_rows(query)
        used |= check_sources(query, rows)
        check_pages(query, rows)
    assert used == {"ExactMatch", "PrefixRange", "SkipScan", "OrderedScan"}
