"""Databases for tests: databases on PostgreSQL, empty or at the newest revision, and SQLite files at this revision."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import flask_migrate
import psycopg2
from sqlalchemy.engine import make_url

from tests.processes import Fork
from tests.required import require
from webapp import create_app
from webapp.db.session import db
from webapp.settings import load_settings

SERVER = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


class postgresql_database:  # noqa: N801  reads as `with postgresql_database(name) as url:`
    """A database that exists during the block, empty unless `migrated`.

    Without a server, skip the test, or fail it if CI=true.
    """

    def __init__(self, name: str, *, migrated: bool = False) -> None:
        self.name = name
        self.migrated = migrated

    def __enter__(self) -> str:
        template = f" TEMPLATE {_migrated_postgresql()}" if self.migrated else ""
        try:
            self._run(
                f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
                f"CREATE DATABASE {self.name}{template}",
                f"ALTER DATABASE {self.name} SET synchronous_commit = off",
            )
        except psycopg2.OperationalError as error:
            require(None, f"no PostgreSQL at {SERVER}: {str(error).splitlines()[0]}")
        return make_url(SERVER).set(database=self.name).render_as_string(hide_password=False)

    def __exit__(self, *_exception: object) -> None:
        self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        connection = psycopg2.connect(SERVER, connect_timeout=60)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()


def migrate(url: str) -> None:
    """Migrate a database to the newest revision, in this process."""
    with create_app(load_settings({"APP_ENV": "testing", "DATABASE_URL": url})).app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def migrate_in_fork(url: str, folder: Path) -> None:
    """Migrate a database to the newest revision in another process, to keep global state out of the tests."""
    process = Fork(migrate, url, output=folder / "migrate.txt", env=os.environ)
    assert process.wait() == 0, process.output_text


def copy_migrated_sqlite(file: Path) -> None:
    """Create an SQLite file at the newest revision."""
    shutil.copy(_migrated_sqlite(), file)


@cache
def _migrated_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rollcall-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate_in_fork(f"sqlite:///{folder}/migrated.db", folder)
    return folder / "migrated.db"


@cache
def _migrated_postgresql() -> str:
    """Return the name of a database that others are copies of."""
    database = postgresql_database(f"rollcall_template_{os.getpid()}")
    url = database.__enter__()
    atexit.register(database.__exit__)
    with tempfile.TemporaryDirectory() as folder:
        migrate_in_fork(url, Path(folder))
    return database.name
