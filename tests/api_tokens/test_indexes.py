"""Lists of tokens read an index in their order, and sort nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.factories import People
from webapp.api_tokens.models import TokenState
from webapp.api_tokens.queries import list_tokens, token_order
from webapp.db.session import db
from webapp.lists.order import Slice
from webapp.web.api import App

pytestmark = pytest.mark.engine("sqlite")


def plan_of(app: App, sort: str, **filters: object) -> str:
    with app.app_context():
        query = token_order(sort).sorted(list_tokens(**filters), Slice(51)).limit(51)  # type: ignore[arg-type]  # tests
        compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        return " ".join(str(row) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))


@pytest.mark.parametrize("sort", ["created", "-created", "expires", "-expires"])
@pytest.mark.parametrize("state", [None, *TokenState])
def test_all_tokens_in_each_order(app: App, sort: str, state: TokenState | None) -> None:
    assert "TEMP B-TREE FOR ORDER BY" not in plan_of(app, sort, state=state)


def test_tokens_of_one_person(app: App, people: People) -> None:
    plan = plan_of(app, "-created", user_id=people.owner().id)
    assert "ix_api_tokens_user_id_id" in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_tokens_that_begin_alike(app: App) -> None:
    assert "ix_api_tokens_prefix" in plan_of(app, "-created", prefix="rc_abcdefgh")
