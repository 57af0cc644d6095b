"""The first query of every page is prepared once for each connection, or executed unprepared where this fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.clients import Browser
from webapp.db import prepared
from webapp.db.session import db
from webapp.web.api import App

pytestmark = pytest.mark.engine("postgresql")

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'rollcall%'"


@pytest.fixture(autouse=True)
def fresh_connections(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(prepared, "DISABLED_SECONDS", 0)
    # Earlier tests with threads leave several connections in the pool.
    _dispose(app)
    yield
    _dispose(app)


def _dispose(app: App) -> None:
    with app.app_context():
        db.engine.dispose()


def _execute(app: App, sql: str) -> object:
    """Execute a statement on the connection that the next page will use."""
    with app.app_context():
        result = db.session.execute(text(sql))
        return result.scalar() if result.returns_rows else None


def test_pages_share_a_prepared_statement(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    first = _execute(app, PREPARED)
    assert first
    assert owner.get("/account").status_code == 200
    assert _execute(app, PREPARED) == first


def test_pages_work_if_a_pooler_switches_connections(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    # Simulate a pooler that uses another connection for this transaction.
    _execute(app, "DEALLOCATE ALL")
    assert owner.get("/account").status_code == 200
    assert _execute(app, PREPARED) == 0
    assert owner.get("/account").status_code == 200


def test_a_statement_that_another_client_prepared_is_used(app: App, owner: Browser) -> None:
    assert owner.get("/account").status_code == 200
    count = _execute(app, PREPARED)
    with app.app_context():
        # Forget the statement here, although the server has it.
        db.session.connection().info.pop(prepared.PREPARED, None)
    assert owner.get("/account").status_code == 200
    assert _execute(app, PREPARED) == count


def test_a_statement_is_named_by_its_text(app: App, owner: Browser) -> None:
    names = "SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name LIKE 'rollcall%'"
    assert owner.get("/account").status_code == 200
    before = str(_execute(app, names)).split()
    _dispose(app)
    # Execute another prepared statement first.
    assert owner.get("/users").status_code == 200
    assert owner.get("/account").status_code == 200
    assert before
    assert {*before} <= {*str(_execute(app, names)).split()}
