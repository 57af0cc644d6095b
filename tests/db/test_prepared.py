"""What every page asks first is planned once a connection; where that does not work, it is asked as it stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.clients import Browser
from webapp.db import prepared
from webapp.db.session import db
from webapp.web.api import App

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'rollcall%'"


@pytest.fixture(autouse=True)
def fresh_connections(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(prepared, "REST_SECONDS", 0)
    yield
    with app.app_context():
        db.engine.dispose()


def _asked(app: App, sql: str) -> object:
    """On the connection that the next page gets, too."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            # It knows no such thing.
            return None
        result = db.session.execute(text(sql))
        return result.scalar() if result.returns_rows else None


def test_pages_share_one_plan(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    first = _asked(app, PREPARED)
    assert first is None or first
    assert owner.get("/account").status_code == 200
    assert _asked(app, PREPARED) == first


def test_behind_a_pooler_pages_are_shown_all_the_same(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    # As if the pooler gave this transaction another connection.
    _asked(app, "DEALLOCATE ALL")
    assert owner.get("/account").status_code == 200
    assert _asked(app, PREPARED) in {0, None}
    assert owner.get("/account").status_code == 200


def test_what_another_client_of_a_pooler_prepared_there_is_used(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    there = _asked(app, PREPARED)
    with app.app_context():
        # As if it were new here, while the server knows it.
        db.session.connection().info.pop(prepared.PREPARED, None)
    assert owner.get("/account").status_code == 200
    assert _asked(app, PREPARED) == there


def test_a_statement_is_named_by_its_text(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    names = _asked(app, "SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name LIKE 'rollcall%'")
    _asked(app, "DEALLOCATE ALL")
    with app.app_context():
        db.engine.dispose()
    # Another statement is asked for first.
    assert owner.get("/users").status_code == 200
    assert owner.get("/account").status_code == 200
    again = _asked(app, "SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name LIKE 'rollcall%'")
    assert names is None or set(str(names).split()) <= set(str(again).split())
