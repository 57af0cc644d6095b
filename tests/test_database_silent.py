"""PostgreSQL stops answering without closing its connections: every request ends, and with 503."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.test import TestResponse

from tests.clients import Browser
from tests.factories import People
from tests.silent_proxy import SilentProxy
from webapp import create_app
from webapp.db import engines, watchdog
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.web.api import App

pytestmark = pytest.mark.engine("postgresql")

# Without a time limit, a request would wait for ever.
PATIENCE = 120


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "STATEMENT_SECONDS", 1.0)
    monkeypatch.setattr(watchdog, "PING_SECONDS", 1.0)


@pytest.fixture
def proxy(engine: Engine) -> Iterator[SilentProxy]:
    with SilentProxy(engine.url.host or "127.0.0.1", engine.url.port or 5432) as proxy:
        yield proxy


@pytest.fixture
def distant_app(engine: Engine, proxy: SilentProxy) -> Iterator[App]:
    """An app that reaches the database through the proxy."""
    url = engine.url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
    app = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))
    yield app
    proxy.thaw()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def browser(distant_app: App, people: People) -> Browser:
    people.owner()
    browser = Browser(distant_app).signed_in_as("olga@example.com")
    assert browser.get("/users").status_code == 200
    return browser


def in_time(request: Callable[[], TestResponse]) -> TestResponse:
    """Return the response. Fail if there is none."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(request).result(timeout=PATIENCE)


@pytest.mark.parametrize("idle_seconds", [0, 1000], ids=["idle connection", "connection in use"])
def test_a_request_to_a_silent_database_is_503(
    browser: Browser, proxy: SilentProxy, monkeypatch: pytest.MonkeyPatch, idle_seconds: int
) -> None:
    monkeypatch.setattr(engines, "IDLE_SECONDS", idle_seconds)
    proxy.freeze()
    answer = in_time(lambda: browser.get("/users"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    # The next one ends at once, so that threads are left for pages that need no database.
    assert in_time(lambda: browser.get("/users")).status_code == 503


def test_a_connection_to_a_silent_database_is_503(distant_app: App, browser: Browser, proxy: SilentProxy) -> None:
    with distant_app.app_context():
        db.engine.dispose()
    proxy.freeze()
    assert in_time(lambda: browser.get("/users")).status_code == 503


def test_a_commit_to_a_silent_database_is_503(distant_app: App, browser: Browser, proxy: SilentProxy) -> None:
    with distant_app.app_context():
        event.listen(db.engine, "commit", lambda _connection: proxy.freeze())
    assert in_time(lambda: browser.post("/account/preferences", theme="dark")).status_code == 503


def test_health_needs_no_database_even_for_a_person_who_is_signed_in(browser: Browser, proxy: SilentProxy) -> None:
    proxy.freeze()
    assert in_time(lambda: browser.get("/healthz")).status_code == 200
    assert in_time(lambda: browser.get("/readyz")).status_code == 503


@pytest.mark.parametrize("new_connection", [False, True])
def test_requests_succeed_again_once_the_database_answers(
    distant_app: App, browser: Browser, proxy: SilentProxy, monkeypatch: pytest.MonkeyPatch, new_connection: bool
) -> None:
    monkeypatch.setattr(watchdog, "REFUSE_SECONDS", 0)
    proxy.freeze()
    assert in_time(lambda: browser.get("/users")).status_code == 503
    proxy.thaw()
    if new_connection:
        with distant_app.app_context():
            db.engine.dispose()
    # One request tries the server. Its success lets the others in.
    monkeypatch.setattr(watchdog, "REFUSE_SECONDS", 1000)
    for _request in range(2):
        assert in_time(lambda: browser.get("/users")).status_code == 200


def test_only_one_request_at_a_time_tries_a_silent_database(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = watchdog.Watchdog()
    watch.check_answers()
    monkeypatch.setattr(watchdog, "REFUSE_SECONDS", 0)
    watch.refuse()
    monkeypatch.setattr(watchdog, "REFUSE_SECONDS", 1000)
    watch.check_answers()
    with pytest.raises(PoolTimeoutError):
        watch.check_answers()
    watch.note_answer()
    watch.check_answers()


def test_a_statement_with_a_longer_limit_of_its_own_is_not_ended(
    distant_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "STATEMENT_SECONDS", 0.3)
    slow = text("SELECT pg_sleep(1)")
    with distant_app.test_request_context():
        db.session.execute(slow.execution_options(**{watchdog.TIME_LIMIT: 5}))
        db.session.rollback()
        with pytest.raises(OperationalError):
            db.session.execute(slow)
        db.session.rollback()
