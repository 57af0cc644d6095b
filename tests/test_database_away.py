"""Without a database, pages and API respond with 503 and Retry-After."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine, create_engine, text

from tests.clients import Api, Browser
from webapp import create_app
from webapp.core.clock import now
from webapp.db import engines
from webapp.settings import load_settings
from webapp.web.api import App


@pytest.fixture(scope="module")
def app_without_database() -> App:
    url = "postgresql://nobody@127.0.0.1:1/none"
    return create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url}))


def test_a_page_is_503(app_without_database: App) -> None:
    client = app_without_database.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "a token"
    response = client.get("/users")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert response.headers["X-Request-ID"] in response.text
    assert "127.0.0.1" not in response.text


def test_the_api_is_a_503_problem(app_without_database: App) -> None:
    response = Api(app_without_database, "rc_token").get("/users")
    assert (response.status_code, response.json["status"]) == (503, 503)


def test_the_server_is_healthy_but_not_ready(app_without_database: App) -> None:
    client = app_without_database.test_client()
    assert client.get("/healthz").status_code == 200
    assert (client.get("/readyz").status_code, client.get("/readyz").json["database"]) == (503, "unreachable")


def test_the_sign_in_page_needs_no_database(app_without_database: App) -> None:
    assert app_without_database.test_client().get("/login").status_code == 200


@pytest.mark.engine("sqlite")
def test_recording_the_last_use_of_a_session_does_not_wait_for_locks(owner: Browser, engine: Engine) -> None:
    with engine.connect().execution_options(writes=True) as writer:
        writer.execute(text("UPDATE users SET theme = theme"))
        with time_machine.travel(now() + timedelta(minutes=2)):
            assert owner.get("/users").status_code == 200


@pytest.mark.engine("postgresql")
def test_closed_connections_are_replaced(owner: Browser, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "IDLE_SECONDS", 0)
    assert owner.get("/users").status_code == 200
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    with create_engine(engine.url).connect() as other:
        other.execute(text(f"{terminate} WHERE datname = current_database() AND pid <> pg_backend_pid()"))
    assert owner.get("/users").status_code == 200
