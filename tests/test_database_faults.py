"""A database that is full, read-only or locked, and clocks that jump: what was answered counts, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine, create_engine, event, select, text
from werkzeug.test import TestResponse

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.test_commands_explain_faults import make_read_only
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue, run_due_jobs
from webapp.web.api import App

MANY = 500


@pytest.fixture
def faulty_app(app_with: Callable[..., App]) -> App:
    """A second app on the database, so that a test can give it faulty connections."""
    return app_with()


@pytest.fixture
def browser(faulty_app: App, people: People) -> Browser:
    people.owner()
    return Browser(faulty_app).signed_in_as("olga@example.com")


def create(browser: Browser, number: int) -> TestResponse:
    return browser.post("/users", email=f"person-{number}@example.com", name="A" * 100, username="", password="")


@pytest.fixture
def replace_connections(faulty_app: App) -> Iterator[Callable[[Callable[..., None]], None]]:
    """Return a function that replaces the connections of the faulty app by some that another function configures."""
    with faulty_app.app_context():
        engine = db.engine
    functions: list[Callable[..., None]] = []

    def replace(configure: Callable[..., None]) -> None:
        functions.append(configure)
        event.listen(engine, "connect", configure)
        engine.dispose()

    yield replace
    for each in functions:
        event.remove(engine, "connect", each)
    engine.dispose()


@pytest.fixture
def fill_disk(engine: Engine, replace_connections: Callable[..., None]) -> Iterator[Callable[[], None]]:
    """Return a function that fills the disk: by the limit of SQLite, or by the error that PostgreSQL raises."""

    def fill() -> None:
        if engine.name == "sqlite":
            with engine.connect() as connection:
                connection.connection.execute("VACUUM")
            replace_connections(lambda opened, _record: opened.execute("PRAGMA max_page_count=1"))
            return
        function = "$$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
        with engine.begin() as connection:
            connection.execute(text(f"CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS {function}"))
            trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON audit_records FOR EACH ROW"
            connection.execute(text(f"{trigger} EXECUTE FUNCTION refuse_row()"))

    yield fill
    if engine.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION IF EXISTS refuse_row CASCADE"))


def test_a_full_disk_refuses_changes_and_keeps_what_was_acknowledged(
    faulty_app: App, browser: Browser, people: People, fill_disk: Callable[[], None]
) -> None:
    fill_disk()
    statuses = []
    while not statuses or (statuses[-1] == 303 and len(statuses) < MANY):
        statuses.append(create(browser, len(statuses)).status_code)
    assert statuses[-1] == 503
    assert browser.get("/users").status_code == 200
    assert people.row_counts()["users"] == len(statuses)
    with faulty_app.app_context():
        created = select(AuditRecord).where(AuditRecord.action == "user.created")
        assert len(db.session.scalars(created).all()) == len(statuses)
        assert not verify().findings


def test_a_read_only_disk_refuses_changes_and_shows_lists(
    browser: Browser, people: People, replace_connections: Callable[..., None]
) -> None:
    replace_connections(make_read_only)
    before = people.row_counts()
    refused = create(browser, 1)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert browser.get("/users").status_code == 200
    assert people.row_counts() == before


@pytest.mark.engine("postgresql")
def test_a_slow_database_ends_the_request_and_changes_nothing(
    browser: Browser, people: People, engine: Engine, replace_connections: Callable[..., None]
) -> None:
    limits = "SET statement_timeout = 100; SET lock_timeout = 50"
    replace_connections(lambda opened, _record: opened.cursor().execute(limits) or opened.commit())
    before = people.row_counts()
    with create_engine(engine.url).begin() as other:
        other.execute(text("LOCK TABLE users"))
        assert browser.get("/users").status_code == 503
        assert create(browser, 1).status_code == 503
        assert browser.get("/healthz").status_code == 200
    assert people.row_counts() == before
    assert create(browser, 1).status_code == 303


@pytest.mark.engine("postgresql")
def test_a_request_has_the_limits_of_production(app: App) -> None:
    with app.test_request_context():
        limits = [db.session.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")]
    assert limits == ["5s", "2s"]


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3)], ids=["back", "forward"])
def test_a_jump_of_the_clock_loses_and_doubles_nothing(app: App, people: People, jump: timedelta) -> None:
    # A role counts from the moment it was given, so a clock that goes back past that moment takes it away.
    with time_machine.travel(now() - timedelta(days=1)):
        people.owner()
    browser = Browser(app).signed_in_as("olga@example.com")
    assert create(browser, 1).status_code == 303
    with app.app_context():
        earlier = enqueue("test.count", by=TESTER, steps=3, chunk=1).id
    with time_machine.travel(now() + jump, tick=False), app.app_context():
        # The session ended, or starts in the future.
        browser.signed_in_as("olga@example.com")
        assert create(browser, 2).status_code == 303
        later = enqueue("test.count", by=TESTER, steps=3, chunk=1).id
        run_due_jobs(holder="here")
        assert db.session.get(Job, later).state == State.DONE  # type: ignore[union-attr]  # it exists
    with app.app_context():
        run_due_jobs(holder="here")
        assert db.session.get(Job, earlier).state == State.DONE  # type: ignore[union-attr]  # it exists
        assert not verify().findings
    assert people.row_counts()["users"] == 3
    page = browser.signed_in_as("olga@example.com").get("/users").text
    assert "person-1@example.com" in page
    assert "person-2@example.com" in page
