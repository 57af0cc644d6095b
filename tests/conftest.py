"""Fixtures: the app on SQLite and on PostgreSQL, with the real migrations.

A test that takes `app` runs on both engines, unless a marker says otherwise:

- `@pytest.mark.one_engine`: pages, forms, texts and HTTP, which do not depend on the engine. The test runs on one of
  the two, which its name and its parameters decide. `pytest --exhaustive` runs it on both.
- `@pytest.mark.both_engines`: an exception in a module of `one_engine`.
- `@pytest.mark.engine("postgresql")`: only this engine has the behaviour.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import uuid6
from flask import has_request_context
from flask_limiter import Limiter
from sqlalchemy import Connection, Engine, event

from tests.access_factory import Access
from tests.all_tables import delete_rows
from tests.clients import Api, Browser
from tests.databases import copy_migrated_sqlite, postgresql_database
from tests.factories import People
from tests.jobs.kinds import create_app_with_kinds
from tests.mailbox import Mailbox
from webapp import create_app
from webapp.db.engines import WRITES
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.web.api import App
from webapp.web.template_cache import TemplateCache

ENGINES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive",
        action="store_true",
        help="run one_engine tests on both engines, and show each page in every pair of language, theme and width",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("engine")
        metafunc.parametrize("engine_name", only.args if only else ENGINES, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("exhaustive"):
        items[:] = [item for item in items if _is_chosen(item)]


def pytest_collection_finish() -> None:
    # Modules and test items stay. Looking for garbage among them takes a tenth of the time of the tests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _is_chosen(item: pytest.Item) -> bool:
    """Return False for a test of `one_engine` on the other engine."""
    if not item.get_closest_marker("one_engine") or any(map(item.get_closest_marker, ("engine", "both_engines"))):
        return True
    if not isinstance(item, pytest.Function) or "engine_name" not in item.fixturenames:
        return True
    test, _bracket, case = item.nodeid.partition("[")
    engine = item.callspec.params["engine_name"]
    parameters = case.removesuffix("]").split("-")
    parameters.remove(engine)
    # Chosen by the name, so that all xdist workers agree, and other tests do not change the choice. Two of three on
    # SQLite, on which a test takes half of the time.
    name = f"{test}[-{'-'.join(parameters)}]" if parameters else test
    return engine == ("sqlite", "sqlite", "postgresql")[crc32(name.encode()) % 3]


@pytest.fixture(scope="session")
def exhaustive(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("exhaustive"))


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def database_url(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database at the newest revision, for this run."""
    if engine_name == "sqlite":
        file = tmp_path_factory.mktemp("data") / "test.db"
        copy_migrated_sqlite(file)
        yield f"sqlite:///{file}"
        return
    with postgresql_database(f"rollcall_test_{os.getpid()}", migrated=True) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_app(database_url: str) -> Iterator[App]:
    app = create_app_with_kinds(load_settings({"APP_ENV": "testing", "DATABASE_URL": database_url}))
    # Like a server. The apps of both engines and all processes of the tests share the compiled templates.
    app.jinja_env.bytecode_cache = TemplateCache(Path(app.instance_path))
    with app.app_context():
        # Like `synchronous_commit = off` on PostgreSQL: test databases need not survive a power failure.
        if db.engine.name == "sqlite":
            event.listen(db.engine, "connect", lambda opened, _record: opened.execute("PRAGMA synchronous=OFF"))
        event.listen(db.engine, "before_cursor_execute", _refuse_stray_writes)
    yield app
    with app.app_context():
        db.engine.dispose()


def _refuse_stray_writes(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    """Fail if a request writes outside `transaction()`, because such a write cannot be rolled back."""
    writes = re.search(r"^\s*(INSERT|UPDATE|DELETE|WITH .*\b(INSERT INTO|UPDATE|DELETE FROM)\b)", statement, re.DOTALL)
    if writes and has_request_context():
        assert connection.get_execution_options().get(WRITES), f"outside a transaction: {statement}"


@pytest.fixture
def app(migrated_app: App) -> Iterator[App]:
    """The app with an empty database."""
    # uuid6 never goes back in time: reset it after a test that travelled to the future.
    uuid6._last_v7_timestamp = None
    settings = migrated_app.settings
    yield migrated_app
    migrated_app.registry.settings = settings
    with migrated_app.app_context(), db.engine.begin() as connection:
        delete_rows(connection)


@pytest.fixture
def change_settings(app: App) -> Callable[..., None]:
    """Return a function that changes settings until the end of the test."""

    def change(**changes: Any) -> None:
        app.registry.settings = app.settings.model_copy(update=changes)

    return change


@pytest.fixture(scope="session")
def other_apps(database_url: str) -> dict[frozenset[tuple[str, str]], App]:
    """The apps of `app_with`, by their settings."""
    return {}


@pytest.fixture
def app_with(app: App, database_url: str, other_apps: dict[frozenset[tuple[str, str]], App]) -> Callable[..., App]:
    """Return a function that returns an app with other settings over the database of `app`, which empties it.

    Creating an app is slow, so it can be one of an earlier test. Its rate limits start at zero.
    """

    def find_or_create(**environ: str) -> App:
        # What is counted while Redis is down cannot be reset.
        found = None if "REDIS_URL" in environ else other_apps.get(frozenset(environ.items()))
        if found is None:
            found = create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": database_url} | environ))
            other_apps[frozenset(environ.items())] = found
        else:
            found.registry.get(Limiter).reset()
        return found

    return find_or_create


@pytest.fixture
def mailbox(app: App, change_settings: Callable[..., None], tmp_path: Path) -> Mailbox:
    """The e-mails of this test."""
    folder = tmp_path / "mail"
    folder.mkdir()
    change_settings(mail_url=f"file://{folder}")
    return Mailbox(app, folder)


@pytest.fixture
def people(app: App) -> People:
    return People(app)


@pytest.fixture
def access(app: App, people: People) -> Access:
    return Access(app, people)


@pytest.fixture
def visitor(app: App) -> Browser:
    """A browser that is not signed in."""
    return Browser(app)


@pytest.fixture
def owner(app: App, people: People) -> Browser:
    """A browser in which the owner Ольга is signed in."""
    people.owner()
    return Browser(app).signed_in_as("olga@example.com")


@pytest.fixture
def member(app: App, people: People) -> Browser:
    """A browser in which a person without permissions is signed in."""
    people.create(email="member@example.com", name="Only Member", password=people.password)
    return Browser(app).signed_in_as("member@example.com")


@pytest.fixture
def api(app: App, people: People) -> Api:
    """An API client with the owner's token."""
    return Api(app, people.token_for(people.owner()))


@pytest.fixture
def engine(app: App) -> Engine:
    with app.app_context():
        return db.engine
