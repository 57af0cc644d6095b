"""The index for sorting lists by an attribute: a job builds it during writes, and again if it was interrupted."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, inspect, select, text

from tests.attributes.conftest import Catalogue
from tests.attributes.test_change_attribute import form_of
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.processes import wait_until
from webapp.attributes.models import INDEX_JOB, Attribute
from webapp.attributes.queries import live_attributes
from webapp.attributes.sorting_and_filtering import sort_expression, value_condition
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job, JobMessage
from webapp.jobs.services import enqueue, run_job
from webapp.users.models import User
from webapp.users.services import update_user
from webapp.web.api import App

MANY = 2000
BUILDING = "query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active' AND datname = current_database()"


@pytest.fixture(autouse=True)
def drop_indexes(engine: Engine) -> Iterator[None]:
    """Drop the indexes after the test, because other fixtures delete only rows."""
    yield
    with engine.begin() as connection:
        for name in indexes(engine):
            connection.execute(text(f"DROP INDEX {name}"))


def indexes(engine: Engine) -> list[str]:
    names = (str(index["name"]) for index in _indexes(engine))
    return sorted(name for name in names if name.startswith("ix_users_attr_"))


def _indexes(engine: Engine) -> list[Any]:
    if engine.dialect.name == "postgresql":
        return list(inspect(engine).get_indexes("users"))
    with engine.connect() as connection:
        return [{"name": row.name} for row in connection.execute(text("SELECT name FROM sqlite_master"))]


def jobs(app: App) -> list[UUID]:
    with app.app_context():
        return list(db.session.scalars(select(Job.id).where(Job.kind == INDEX_JOB).order_by(Job.id)))


def run_jobs(app: App) -> None:
    """Run all index jobs, as a worker does."""
    for job_id in jobs(app):
        with app.app_context():
            run_job(job_id, holder="here")


def state(app: App, job_id: UUID) -> str:
    with app.app_context():
        return db.session.get_one(Job, job_id).state


def building_pids(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text(f"SELECT pid FROM pg_stat_activity WHERE {BUILDING}")).scalars())


def sorted_keys(app: App) -> list[str]:
    with app.app_context():
        return [attribute.key for attribute in live_attributes() if attribute.sortable and attribute.indexed_at]


def test_the_sortable_setting_creates_and_drops_the_index(
    owner: Browser, app: App, catalogue: Catalogue, engine: Engine
) -> None:
    attribute_id = catalogue.define("department", "choice")
    assert owner.post(f"/settings/attributes/{attribute_id}", **form_of(sortable="y")).status_code == 303
    assert sorted_keys(app) == []
    assert "Index is being created" in owner.get("/settings/attributes").text
    run_jobs(app)
    assert indexes(engine) == ["ix_users_attr_t_department_pg"]
    assert sorted_keys(app) == ["department"]
    assert "Sorts the list" in owner.get("/settings/attributes").text
    owner.post(f"/settings/attributes/{attribute_id}", **form_of(version=2))
    assert sorted_keys(app) == []
    run_jobs(app)
    assert indexes(engine) == []


@pytest.mark.one_engine
def test_creating_the_index_does_not_change_the_version(owner: Browser, app: App, catalogue: Catalogue) -> None:
    attribute_id = catalogue.define("department", "choice", sortable=True)
    run_jobs(app)
    assert catalogue.row(attribute_id)["version"] == 1
    assert owner.post(f"/settings/attributes/{attribute_id}", **form_of(sortable="y", help="New")).status_code == 303
    assert catalogue.row(attribute_id)["indexed_at"] is not None


@pytest.mark.one_engine
def test_the_job_reports_its_progress(app: App, catalogue: Catalogue, people: People) -> None:
    people.create()
    catalogue.define("room", sortable=True)
    run_jobs(app)
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert (job.state, job.done, job.total, job.result) == ("done", 1, 1, {"people": 1})
        messages = list(db.session.scalars(select(JobMessage.text).order_by(JobMessage.id)))
    assert messages == ["Creating the index of Room for 1 person", "You can now sort the list by Room"]


def test_deleting_drops_the_index_and_restoring_creates_it(app: App, catalogue: Catalogue, engine: Engine) -> None:
    attribute_id = catalogue.define("room", sortable=True)
    run_jobs(app)
    catalogue.delete(attribute_id)
    run_jobs(app)
    assert indexes(engine) == []
    catalogue.restore(attribute_id)
    run_jobs(app)
    assert indexes(engine) == ["ix_users_attr_t_room_pg"]


def test_a_change_of_type_replaces_the_index(app: App, catalogue: Catalogue, engine: Engine, people: People) -> None:
    attribute_id = catalogue.define("size", "number", sortable=True)
    run_jobs(app)
    assert indexes(engine) == ["ix_users_attr_n_size_pg"]
    catalogue.change(attribute_id, kind="text")
    assert people.create(attributes={"size": "large"}).attributes == {"size": "large"}
    assert sorted_keys(app) == []
    run_jobs(app)
    assert indexes(engine) == ["ix_users_attr_t_size_pg"]


@pytest.mark.parametrize("kind", ["text", "number"])
def test_sorting_and_filtering_many_users_use_the_index(
    app: App, catalogue: Catalogue, people: People, engine: Engine, kind: str
) -> None:
    _fill(app, "text" if kind == "text" else "number")
    attribute_id = catalogue.define("size", kind, sortable=True)
    run_jobs(app)
    with app.app_context():
        attribute = db.session.get_one(Attribute, attribute_id)
        key = sort_expression(attribute)
        page = select(User.id).order_by(key, User.id).limit(50)
        assert _uses_index(engine, page)
        assert _uses_index(engine, select(User.id).order_by(key.desc(), User.id.desc()).limit(50))
        assert _uses_index(engine, select(User.id).where(value_condition(attribute, "777")))
        first = list(db.session.scalars(select(User.attributes).order_by(key, User.id).limit(3)))
    assert [row["size"] for row in first] == ([0, 1, 2] if kind == "number" else ["0", "1", "10"])


def _fill(app: App, kind: str) -> None:
    """Insert MANY users without the service."""
    rows = []
    for number in range(MANY):
        values = {"size": number if kind == "number" else str(number)}
        name = f"p{number}"
        keys = {"email": name, "email_key": name, "name": name, "name_key": name, "search_text": name}
        rows.append(keys | {"attributes": values, "attributes_sort": values})
    with app.app_context(), transaction():
        db.session.execute(insert(User), rows)


def _uses_index(engine: Engine, query: Any) -> bool:
    plain = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN " if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    plan = "\n".join(str(row) for row in db.session.execute(text(explain + re.sub(r"(?<!:):(?!:)", r"\\:", plain))))
    return "ix_users_attr_" in plan and "Sort" not in plan and "TEMP B-TREE" not in plan


@pytest.mark.engine("postgresql")
def test_an_interrupted_index_is_created_again(app: App, catalogue: Catalogue, people: People, engine: Engine) -> None:
    people.create()
    catalogue.define("room", sortable=True)
    [job_id] = jobs(app)
    with ThreadPoolExecutor() as threads, engine.begin() as writer:
        # CREATE INDEX CONCURRENTLY waits for this transaction.
        writer.execute(text("UPDATE users SET theme = theme"))
        working = threads.submit(run_jobs, app)
        wait_until(lambda: building_pids(engine), what="the index is being created")
        writer.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {BUILDING}"))
        working.result()
    assert state(app, job_id) == "waiting"
    with engine.begin() as connection:
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_users_attr_t_room_pg'::regclass"
        assert connection.scalar(text(valid)) is False
        connection.execute(text("UPDATE jobs SET run_after = created_at"))
    assert sorted_keys(app) == []
    run_jobs(app)
    with engine.connect() as connection:
        assert connection.scalar(text(valid)) is True
    assert (state(app, job_id), sorted_keys(app)) == ("done", ["room"])


@pytest.mark.engine("postgresql")
def test_users_can_be_changed_while_the_index_is_created(
    app: App, catalogue: Catalogue, people: People, engine: Engine
) -> None:
    catalogue.define("room", sortable=True)
    anton = people.create(name="Anton", attributes={"room": "1"})
    with ThreadPoolExecutor() as threads, engine.connect() as reader:
        with reader.begin():
            reader.execute(text("UPDATE users SET theme = theme WHERE false; LOCK users IN ROW EXCLUSIVE MODE"))
            working = threads.submit(run_jobs, app)
            wait_until(lambda: building_pids(engine), what="the index is being created")
            with app.app_context():
                update_user(anton.id, by=TESTER, attributes={"room": "2"})
            people.create(name="Berta", attributes={"room": "1"})
            assert not working.done()
        working.result()
    with app.app_context():
        attribute = db.session.scalars(select(Attribute)).one()
        names = db.session.scalars(select(User.name).order_by(sort_expression(attribute), User.id))
        assert list(names) == ["Berta", "Anton"]
    assert sorted_keys(app) == ["room"]


def test_two_concurrent_jobs_both_succeed(app: App, catalogue: Catalogue, engine: Engine) -> None:
    attribute_id = catalogue.define("room", sortable=True)
    with app.app_context():
        enqueue(INDEX_JOB, by=TESTER, attribute=str(attribute_id))
    barrier = threading.Barrier(2, timeout=300)

    def start(job_id: UUID) -> None:
        barrier.wait()
        with app.app_context():
            run_job(job_id, holder=str(job_id)[:20])

    with ThreadPoolExecutor() as threads:
        list(threads.map(start, jobs(app)))
    assert [state(app, job_id) for job_id in jobs(app)] == ["done", "done"]
    assert indexes(engine) == ["ix_users_attr_t_room_pg"]
    assert sorted_keys(app) == ["room"]


@pytest.mark.engine("postgresql")
def test_an_index_that_is_turned_off_during_its_creation_is_dropped(
    app: App, catalogue: Catalogue, people: People, engine: Engine
) -> None:
    people.create()
    attribute_id = catalogue.define("room", sortable=True)
    with ThreadPoolExecutor() as threads:
        with engine.begin() as writer:
            writer.execute(text("UPDATE users SET theme = theme"))
            build = threads.submit(run_jobs, app)
            wait_until(lambda: building_pids(engine), what="the index is being created")
            catalogue.change(attribute_id, sortable=False)
            drop = threads.submit(run_jobs, app)
            time.sleep(0.3)
            assert not drop.done()
        build.result()
        drop.result()
    assert (indexes(engine), sorted_keys(app)) == ([], [])
    assert catalogue.row(attribute_id)["indexed_at"] is None


@pytest.mark.one_engine
def test_a_failed_index_links_to_its_job(owner: Browser, app: App, catalogue: Catalogue) -> None:
    catalogue.define("room", sortable=True)
    [job_id] = jobs(app)
    with app.app_context(), transaction():
        db.session.get_one(Job, job_id).state = "failed"
    page = owner.get("/settings/attributes").text
    assert "Index was not created" in page
    assert f'href="/jobs/{job_id}"' in page
