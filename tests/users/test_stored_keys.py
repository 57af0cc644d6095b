"""Keys that an earlier version stored are recomputed by the migration and by a daily job."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import update

from tests.access_factory import Access
from tests.clients import Api
from tests.factories import TESTER, People
from webapp.access.models import Group
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import enqueue, run_job
from webapp.users import tasks
from webapp.users.models import User
from webapp.web.api import App

KEYS = ("name_key", "search_text", "attributes_sort")
OLD_TEXT = "zoë o’brien\no'b@example.com\n\nzoe brien\nold.o'b@example.com"
OLD = {"name_key": "łukasz o’brien", "search_text": OLD_TEXT, "attributes_sort": {"firm": "o'hara"}}
NEW_TEXT = "lukasz obrien\nob@example.com\n\nold eksample\nold.ob@example.com"
NEW = {"name_key": "lukasz obrien", "search_text": NEW_TEXT, "attributes_sort": {"firm": "ohara"}}


def store_old_keys(app: App, people: People) -> None:
    """Create people, one of them with the keys of an earlier version."""
    for number in range(4):
        people.create(email=f"other{number}@example.com")
    people.create(name="Łukasz O’Brien", email="o'b@example.com")
    with app.app_context():
        old = OLD | {"attributes": {"firm": "O'Hara"}, "updated_at": User.updated_at}
        db.session.execute(update(User.__table__).where(User.email == "o'b@example.com").values(old))
        db.session.commit()


def keys_and_times(people: People) -> tuple[dict[str, object], list[object]]:
    row = people.row(email="o'b@example.com") or {}
    return {name: row[name] for name in KEYS}, [row["version"], row["updated_at"]]


def test_the_migration_recomputes_old_keys(app: App, people: People, access: Access, api: Api) -> None:
    store_old_keys(app, people)
    access.group("Østfold")
    _keys, times = keys_and_times(people)
    with app.app_context():
        db.session.execute(update(Group).values(name_sort="østfold"))
        db.session.commit()
        flask_migrate.downgrade(revision="20261129_1910")
        flask_migrate.upgrade()
        db.engine.dispose()
        assert db.session.scalar(db.select(Group.name_sort)) == "ostfold"
    assert keys_and_times(people) == (NEW, times)
    assert [user["name"] for user in api.get("/users?q=obrien").json["items"]] == ["Łukasz O’Brien"]


def test_the_daily_job_recomputes_keys_that_an_earlier_version_wrote(
    app: App, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "KEYS_CHUNK", 2)
    store_old_keys(app, people)
    _keys, times = keys_and_times(people)
    with app.app_context():
        job_id = enqueue("users.keys", by=TESTER).id
        run_job(job_id, holder="here")
        assert db.session.get_one(Job, job_id).state == State.DONE
    assert keys_and_times(people) == (NEW, times)
