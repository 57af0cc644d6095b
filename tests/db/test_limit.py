"""A statement of a request ends in time, on either engine; those of commands and jobs take theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.clients import Browser
from webapp.db import engines
from webapp.db.engines import TIME_LIMIT
from webapp.db.session import db
from webapp.web.api import App

COUNTED = 300_000
COUNTING = text(
    "WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps"
    f" WHERE n < {COUNTED}) SELECT max(n) FROM steps"
)
ON_SQLITE = pytest.mark.engine("sqlite")


@ON_SQLITE
def test_sqlite_gives_up_a_statement_of_a_request(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    with app.test_request_context():
        with pytest.raises(OperationalError, match="interrupted"):
            db.session.execute(COUNTING)
        db.session.rollback()
        assert db.session.scalar(COUNTING, execution_options={TIME_LIMIT: 60}) == COUNTED


@ON_SQLITE
def test_what_no_request_asks_for_takes_its_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    with app.app_context():
        assert db.session.scalar(COUNTING) == COUNTED


@ON_SQLITE
def test_a_page_that_takes_too_long_says_so(app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "SQLITE_SECONDS", 0)
    monkeypatch.setattr(engines, "_STEPS", 1)
    with app.app_context():
        db.engine.dispose()
    answer = owner.client.get("/users")
    with app.app_context():
        db.engine.dispose()
    assert answer.status_code == 503
