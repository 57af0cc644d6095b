"""Migrations: one head, no drift from the models, upgrades and downgrades."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import flask_migrate
import psycopg2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from tests.clients import Browser
from tests.databases import migrate, postgresql_database
from tests.factories import TESTER, People
from tests.processes import Fork, wait_until
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.settings import ROOT
from webapp.web.api import App

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_the_file_name_of_a_migration_starts_with_its_revision() -> None:
    for script in SCRIPTS.walk_revisions():
        assert script.path.rpartition("/")[2].startswith(f"{script.revision}_")


def test_migrations_create_the_schema_of_the_models(engine: Engine) -> None:
    assert drift(engine) == []


def drift(engine: Engine) -> object:
    """Return the differences between the models and the database."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _item, name, *_rest: not name.endswith("_pg") and "_sqlite" not in name},
        )
        return compare_metadata(context, db.metadata)


def test_all_migrations_can_be_downgraded_and_upgraded(app: App, engine: Engine) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
    assert {"users", "audit_records", "sessions"} <= set(inspect(engine).get_table_names())


@pytest.mark.engine("postgresql")
def test_the_next_run_creates_indexes_that_an_interrupted_migration_left_unfinished(app: App, engine: Engine) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="20261124_1001")
        with engine.begin() as connection:
            connection.execute(text("DROP INDEX ix_users_created_at_id"))
            connection.execute(text("ALTER INDEX ix_users_name_key_id RENAME TO ix_users_name_key_id_made"))
            connection.execute(text("CREATE INDEX ix_users_username_sort_id_made ON users (email)"))
        flask_migrate.upgrade()
    assert drift(engine) == []


@pytest.mark.engine("postgresql")
def test_of_two_concurrent_migrations_one_waits(engine: Engine, tmp_path: Path) -> None:
    """This includes CREATE INDEX CONCURRENTLY, which waits for all earlier statements."""
    with postgresql_database(f"rollcall_test_{os.getpid()}_twice") as url:
        with closing(psycopg2.connect(url)) as holder:
            holder.autocommit = True
            cursor = holder.cursor()
            cursor.execute("SELECT pg_advisory_lock(hashtext('rollcall migrations'))")
            both = [Fork(migrate, url, output=tmp_path / f"{number}.txt", env=os.environ) for number in range(2)]
            wait_until(lambda: _other_connections(cursor) == len(both), what="both wait")
        assert [process.wait() for process in both] == [0, 0], [process.output_text for process in both]


def _other_connections(cursor: psycopg2.extensions.cursor) -> int:
    """Return the number of other connections to the database."""
    cursor.execute("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
    return cursor.fetchone()[0]


def test_readyz_is_503_if_migrations_are_missing(app: App, engine: Engine, visitor: Browser) -> None:
    assert visitor.get("/readyz").json["status"] == "ready"
    with engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = '20261124_0600'"))
    behind = visitor.get("/readyz")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert (behind.status_code, behind.json["database"]) == (503, "not at the newest migration")


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("name", ["ix_users_search_text_pg", "ix_groups_name_sort_pg"])
def test_postgresql_has_the_search_index(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        query = text("SELECT indexdef FROM pg_indexes WHERE indexname = :name")
        found = connection.execute(query, {"name": name})
        definition = str(found.scalar())
    assert "gin_trgm_ops" in definition
    # With fastupdate, one write in some thousands would wait for seconds.
    assert "fastupdate=off" in definition


@pytest.mark.engine("postgresql")
def test_readers_do_not_wait_for_a_migration_that_waits_for_a_reader(app: App, engine: Engine, tmp_path: Path) -> None:
    """The migration waits for the lock of a table in short attempts, and others read between them."""
    reading = text("SELECT count(*) FROM users WHERE search_text LIKE '%anton%'")
    with app.app_context():
        flask_migrate.downgrade(revision="20261124_0902")
    url = engine.url.render_as_string(hide_password=False)
    with engine.connect() as first, engine.connect() as second:
        first.execute(reading)
        migrating = Fork(migrate, url, output=tmp_path / "migrate.txt", env=os.environ)
        waiting = text("SELECT count(*) FROM pg_locks WHERE relation = CAST('users' AS regclass) AND NOT granted")
        wait_until(lambda: second.execute(waiting).scalar(), what="the migration waits")
        second.execute(text("SET lock_timeout = '60s'"))
        second.execute(reading)
        second.rollback()
        wait_until(lambda: "waiting_for_a_lock" in migrating.output_text, what="it starts again")
        first.rollback()
        assert migrating.wait() == 0, migrating.output_text
    assert drift(engine) == []


def test_a_recreated_table_keeps_its_rows_and_foreign_keys(app: App, engine: Engine, people: People) -> None:
    anton = people.create(name="Антон", email="anton@example.com", username="anton", password=people.password)
    people.token_for(anton)
    before, rows = people.row_counts(), people.row(id=anton.id)
    # The old version does not know when a password was changed.
    forgotten = {"password_changed_at": None}
    with app.app_context():
        delete_user(people.create(email="bin@example.com").id, by=TESTER)
        people.create(email="bin@example.com")
        flask_migrate.downgrade(revision="20261124_0901")
        flask_migrate.upgrade()
        db.engine.dispose()
    assert rows
    assert people.row(id=anton.id) == rows | forgotten
    assert people.row_counts()["api_tokens"] == before["api_tokens"]
    assert people.row(email="bin@example.com", status="deactivated") is not None
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
