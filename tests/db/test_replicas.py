"""Lists read from replicas: people see their own changes, and a replica that is away or late is not used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.clients import Api, Browser
from tests.databases import migrate_in_fork
from tests.factories import TESTER, People
from tests.jobs.faults.servers import Postgresql, running
from tests.postgresql_replica import Replica as Server
from tests.processes import wait_until
from webapp import create_app
from webapp.api_tokens.services import create_token
from webapp.core.permissions import Permission
from webapp.db import replicas, watchdog
from webapp.db.replicas import Replica, Replicas, primary_position
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.users.queries import get_user_by_identifier
from webapp.web.api import App

EMAIL = "olga@example.com"
# Replay goes on until the server has finished the record that it replays.
PAUSED = """DO $$ BEGIN
    WHILE pg_get_wal_replay_pause_state() <> 'paused' LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"""
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgresql, Server]]:
    """A primary, and a replica that follows it."""
    with running(Postgresql()) as primary:
        primary.sql("CREATE DATABASE rollcall")
        migrate_in_fork(primary.url("rollcall"), tmp_path_factory.mktemp("replicas"))
        with running(Server(primary)) as replica:
            yield primary, replica


@contextmanager
def app_with(primary: Postgresql, *urls: str) -> Iterator[App]:
    environ = {"DATABASE_URL": primary.url("rollcall"), "DATABASE_REPLICA_URLS": ",".join(urls)}
    app = create_app(load_settings(environ | {"APP_ENV": "testing"}))
    yield app
    dispose(app)


def dispose(app: App) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="module")
def replicated_app(servers: tuple[Postgresql, Server]) -> Iterator[App]:
    primary, replica = servers
    with app_with(primary, NOWHERE, replica.url("rollcall")) as app:
        People(app).owner()
        yield app


@pytest.fixture
def app(replicated_app: App, monkeypatch: pytest.MonkeyPatch) -> App:
    """The app with a replica that cannot be reached, and with one that works. It forgets failures of earlier tests."""
    monkeypatch.setattr(replicas, "CHECK_SECONDS", 0)
    monkeypatch.setattr(watchdog, "REFUSE_SECONDS", 0)
    known = replicated_app.registry.get(Replicas)
    known.replicas = [Replica(each.engine) for each in known.replicas]
    dispose(replicated_app)
    return replicated_app


@pytest.fixture
def owner(app: App) -> Browser:
    return Browser(app).signed_in_as(EMAIL)


@pytest.fixture
def late(app: App, servers: tuple[Postgresql, Server], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """From now on, the replica does not replay what it receives. Until now it had everything."""
    # On a busy machine a test takes longer than a replica may be behind.
    monkeypatch.setattr(replicas, "LAG_SECONDS_MAX", 600)
    wait_until(lambda: working(app), what="the replica has everything")
    servers[1].sql("SELECT pg_wal_replay_pause()", PAUSED)
    yield
    servers[1].sql("SELECT pg_wal_replay_resume()")


def working(app: App) -> bool:
    with app.test_request_context():
        return app.registry.get(Replicas).replicas[1].has(primary_position())


def sees(browser: Browser, name: str) -> bool:
    response = browser.get("/users")
    assert response.status_code == 200
    return f"{name}@example.com" in response.text


def add(browser: Browser, name: str) -> None:
    assert browser.post("/users", email=f"{name}@example.com", name=name.title()).status_code == 303


@pytest.mark.usefixtures("late")
def test_people_see_their_own_changes_and_others_read_the_replica(app: App, owner: Browser) -> None:
    other = Browser(app).signed_in_as(EMAIL)
    add(owner, "boris")
    assert sees(owner, "boris")
    assert not sees(other, "boris")


def test_others_see_a_change_as_soon_as_the_replica_has_it(app: App, owner: Browser) -> None:
    other = Browser(app).signed_in_as(EMAIL)
    add(owner, "vera")
    wait_until(lambda: sees(other, "vera"), what="the replica has the change")


@pytest.mark.usefixtures("late")
def test_a_replica_that_is_too_far_behind_is_not_used(
    app: App, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(owner, "gleb")
    monkeypatch.setattr(replicas, "LAG_SECONDS_MAX", 0)
    assert sees(Browser(app).signed_in_as(EMAIL), "gleb")


@pytest.mark.usefixtures("late")
def test_programs_that_can_change_something_read_from_the_primary(app: App, owner: Browser) -> None:
    add(owner, "dina")
    assert "dina@example.com" in program(app).get("/users").text
    reader = program(app, Permission.USERS_READ)
    # The first request records that the token was used, which is a change.
    assert reader.get("/users").status_code == 200
    assert "dina@example.com" not in reader.get("/users").text


def program(app: App, *scopes: Permission) -> Api:
    with app.app_context():
        token = create_token(get_user_by_identifier(EMAIL), name="test", scopes=scopes or None, by=TESTER)
    return Api(app, token.secret)


@pytest.mark.usefixtures("late")
def test_a_session_that_ended_opens_no_list(app: App, owner: Browser) -> None:
    thief = Browser(app)
    with owner.client.session_transaction() as cookie, thief.client.session_transaction() as stolen:
        stolen["_user_id"] = cookie["_user_id"]
    assert thief.get("/users").status_code == 200
    assert owner.post("/logout").status_code == 303
    assert thief.get("/users").headers["Location"].startswith("/login")


@pytest.mark.parametrize("failure", ["away", "frozen"])
def test_lists_read_from_the_primary_while_the_replica_fails(
    app: App, owner: Browser, servers: tuple[Postgresql, Server], failure: str
) -> None:
    wait_until(lambda: working(app), what="the replica has everything")
    with getattr(servers[1], failure)():
        assert sees(owner, "olga")


def test_readyz_says_how_many_replicas_cannot_be_used(app: App, servers: tuple[Postgresql, Server]) -> None:
    wait_until(lambda: working(app), what="the replica has everything")
    assert "1 of 2 read replicas" in app.test_client().get("/readyz").json["replicas"]
    with servers[1].away():
        assert "2 of 2 read replicas" in app.test_client().get("/readyz").json["replicas"]


@pytest.mark.parametrize("failure", ["away", "frozen"])
def test_a_failure_between_the_check_and_the_list_is_not_shown(
    app: App, owner: Browser, servers: tuple[Postgresql, Server], monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    wait_until(lambda: working(app), what="the replica has everything")
    monkeypatch.setattr(replicas, "CHECK_SECONDS", 60)
    assert sees(owner, "olga")
    with getattr(servers[1], failure)():
        assert sees(owner, "olga")


def test_a_server_that_is_no_replica_is_not_used(servers: tuple[Postgresql, Server]) -> None:
    with app_with(servers[0], servers[0].url("postgres")) as app, app.test_request_context():
        replica: Replica = app.registry.get(Replicas).replicas[0]
        assert not replica.has(0)
