"""Every test that takes `app` runs twice: on SQLite and on PostgreSQL, each with the real migrations."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import flask_migrate
import psycopg2
import pytest
import uuid6
from flask import has_request_context
from sqlalchemy import Connection, Engine, event, false, not_
from sqlalchemy.engine import make_url

from tests.browser_session import Api, Browser
from tests.factories import COUNTS, People
from tests.house import House
from tests.jobs.kinds import create_app_with_kinds
from webapp.access.models import BUILT_IN
from webapp.db.engines import WRITES
from webapp.db.session import db
from webapp.jobs.bell import init_bell
from webapp.lists.sifting import MANY
from webapp.settings import load_settings
from webapp.web.api import App

SERVER = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def database_url(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this run's own, empty."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('data')}/test.db"
        return
    with postgresql_database(f"rollcall_test_{os.getpid()}") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_app(database_url: str) -> Iterator[App]:
    app = create_app_with_kinds(load_settings({"APP_ENV": "testing", "DATABASE_URL": database_url}))
    with app.app_context():
        # As on PostgreSQL below: a database of tests need not outlive a power cut.
        if db.engine.name == "sqlite":
            event.listen(db.engine, "connect", lambda opened, _record: opened.execute("PRAGMA synchronous=OFF"))
        flask_migrate.upgrade()
        event.listen(db.engine, "before_cursor_execute", _refuse_stray_writes)
    yield app
    with app.app_context():
        db.engine.dispose()


def _refuse_stray_writes(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    """What a request writes outside `transaction()` could not be taken back."""
    writes = re.search(r"^\s*(INSERT|UPDATE|DELETE|WITH .*\b(INSERT INTO|UPDATE|DELETE FROM)\b)", statement, re.DOTALL)
    if writes and has_request_context():
        assert connection.get_execution_options().get(WRITES), f"outside a transaction: {statement}"


@pytest.fixture
def app(migrated_app: App) -> Iterator[App]:
    """The app over an empty database."""
    # Notifier and worker are process-wide, and another app that a test made may have set them.
    init_bell(migrated_app.settings)
    # It never goes back, also after a test that travelled into the future.
    uuid6._last_v7_timestamp = None
    MANY.until.clear()
    settings = migrated_app.settings
    yield migrated_app
    migrated_app.registry.settings = settings
    with migrated_app.app_context(), db.engine.begin() as connection:
        rows = connection.execute(COUNTS).mappings().one()
        for table in reversed(db.metadata.sorted_tables):
            # The migration made the built-in roles.
            built_in = table.c.id.in_(BUILT_IN) if table.name == "roles" else false()
            if rows[table.name]:
                connection.execute(table.delete().where(not_(built_in)))


@pytest.fixture
def change_settings(app: App) -> Callable[..., None]:
    """Changes settings for the length of one test."""

    def change(**changes: Any) -> None:
        app.registry.settings = app.settings.model_copy(update=changes)

    return change


@pytest.fixture
def people(app: App) -> People:
    return People(app)


@pytest.fixture
def house(app: App, people: People) -> House:
    return House(app, people)


@pytest.fixture
def visitor(app: App) -> Browser:
    """A browser that has not signed in."""
    return Browser(app)


@pytest.fixture
def owner(app: App, people: People) -> Browser:
    """A browser in which the owner Ольга has signed in."""
    people.owner()
    return Browser(app).sign_in("olga@example.com")


@pytest.fixture
def member(app: App, people: People) -> Browser:
    """A browser in which someone without any permission has signed in."""
    people.create(email="member@example.com", name="Only Member", password=people.password)
    return Browser(app).sign_in("member@example.com")


@pytest.fixture
def api(app: App, people: People) -> Api:
    """The API with the owner's token."""
    return Api(app, people.token_of(people.owner()))


class postgresql_database:  # noqa: N801  reads as `with postgresql_database(name) as url:`
    """A database that is there for the length of the block; skips, or under CI=true fails, where there is no server."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> str:
        try:
            self._run(
                f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
                f"CREATE DATABASE {self.name}",
                f"ALTER DATABASE {self.name} SET synchronous_commit = off",
            )
        except psycopg2.OperationalError as error:
            reason = f"no PostgreSQL at {SERVER}: {str(error).splitlines()[0]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        return make_url(SERVER).set(database=self.name).render_as_string(hide_password=False)

    def __exit__(self, *_exception: object) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        connection = psycopg2.connect(SERVER, connect_timeout=3)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()


@pytest.fixture
def engine(app: App) -> Engine:
    with app.app_context():
        return db.engine
