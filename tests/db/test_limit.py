"""Statements of requests have a time limit. Statements of commands and jobs have none."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.clients import Browser
from webapp.db import engines
from webapp.db.session import db
from webapp.db.watchdog import TIME_LIMIT
from webapp.web.api import App

LAST_NUMBER = 300_000
SLOW_QUERY = text(
    "WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps"
    f" WHERE n < {LAST_NUMBER}) SELECT max(n) FROM steps"
)
ON_SQLITE = pytest.mark.engine("sqlite")


@ON_SQLITE
def test_sqlite_interrupts_a_statement_of_a_request(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    with app.test_request_context():
        with pytest.raises(OperationalError, match="interrupted"):
            db.session.execute(SLOW_QUERY)
        db.session.rollback()
        assert db.session.scalar(SLOW_QUERY, execution_options={TIME_LIMIT: 60}) == LAST_NUMBER


@ON_SQLITE
def test_statements_outside_a_request_have_no_limit(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    with app.app_context():
        assert db.session.scalar(SLOW_QUERY) == LAST_NUMBER


@ON_SQLITE
def test_a_page_whose_statement_is_interrupted_is_503(
    app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    monkeypatch.setattr(engines, "_STEPS", 1)
    with app.app_context():
        db.engine.dispose()
    response = owner.client.get("/users")
    with app.app_context():
        db.engine.dispose()
    assert response.status_code == 503
