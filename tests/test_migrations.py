"""One head, no drift from the models, and the way back down."""

from __future__ import annotations

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from tests.browser_session import Browser
from tests.factories import TESTER, People
from webapp.bin.services import delete_user
from webapp.core.api import App
from webapp.core.database import db
from webapp.settings import ROOT

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


@pytest.mark.parametrize("script", list(SCRIPTS.walk_revisions()), ids=lambda script: script.revision)
def test_a_migration_is_named_by_its_date_and_what_it_does(script: object) -> None:
    assert script.path.rpartition("/")[2].startswith(f"{script.revision}_")


def test_the_models_are_what_the_migrations_make(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _item, name, *_rest: not name.endswith("_pg") and "_sqlite" not in name},
        )
        assert compare_metadata(context, db.metadata) == []


def test_they_go_down_to_nothing_and_up_again(app: App, engine: Engine) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
    assert {"users", "audit_records", "sessions"} <= set(inspect(engine).get_table_names())


def test_readyz_says_when_the_database_is_behind(app: App, engine: Engine, visitor: Browser) -> None:
    assert visitor.get("/readyz").json["status"] == "ready"
    with engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = '20261124_0600'"))
    behind = visitor.get("/readyz")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert (behind.status_code, behind.json["database"]) == (503, "not at the newest migration")


def test_search_on_postgresql_has_its_index(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        found = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_users_search_text_pg'"))
        assert "gin_trgm_ops" in str(found.scalar())


def test_a_table_that_is_made_anew_keeps_its_rows_and_what_refers_to_them(
    app: App, engine: Engine, people: People
) -> None:
    anton = people.create(name="Антон", email="anton@example.com", username="anton", password=people.password)
    people.token_of(anton)
    before, rows = people.everything(), people.row(id=anton.id)
    with app.app_context():
        delete_user(people.create(email="bin@example.com").id, by=TESTER)
        people.create(email="bin@example.com")
        flask_migrate.downgrade(revision="20261124_0901")
        flask_migrate.upgrade()
        db.engine.dispose()
    assert people.row(id=anton.id) == rows
    assert people.everything()["api_tokens"] == before["api_tokens"]
    assert people.row(email="bin@example.com", status="deactivated") is not None
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
