"""Removing old bulk changes, and the data of erased people."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine

from tests.access_factory import Access
from tests.bulk.conftest import Bulk
from tests.bulk.test_locks import chunk_in_progress
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.bin.services import delete_user, purge_user
from webapp.core.clock import now
from webapp.jobs.queries import get_job
from webapp.jobs.services import enqueue, run_job
from webapp.users.schemas import UserOut
from webapp.web.api import App


def purge(app: App, days: int = 0) -> str:
    """Run the daily job, `days` from now. Return its state."""
    with time_machine.travel(now() + timedelta(days=days)), app.app_context():
        job_id = enqueue("bulk.purge", by=TESTER).id
        run_job(job_id, holder="test")
        return get_job(job_id).state


@pytest.mark.one_engine
def test_an_unapplied_bulk_change_is_removed_after_a_week(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk.create(owner, "deactivate", *three)
    bulk.create(owner, "add_role", *three)
    purge(app, 6)
    assert people.row_counts()["bulk_changes"] == 2
    purge(app, 8)
    assert (people.row_counts()["bulk_changes"], people.row_counts()["bulk_items"]) == (0, 0)


@pytest.mark.one_engine
def test_the_list_of_people_is_removed_after_ninety_days(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id)
    purge(app, 89)
    assert people.row_counts()["bulk_items"] == 3
    purge(app, 91)
    assert (people.row_counts()["bulk_changes"], people.row_counts()["bulk_items"]) == (1, 0)
    assert "The list of people was removed after 90 days." in owner.get(f"/bulk/{bulk_id}").text
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/undo").status_code == 400
    assert people.row_counts() == before


def test_a_bulk_change_that_someone_is_applying_stays(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], engine: Engine
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    with chunk_in_progress(engine, ("bulk_changes", bulk_id)):
        assert purge(app, 8) == "done"
        assert people.row_counts()["bulk_changes"] == (0 if engine.dialect.name == "sqlite" else 1)


@pytest.mark.one_engine
def test_the_people_stay_while_a_job_undoes_an_old_bulk_change(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id)
    monkeypatch.setattr("webapp.bulk.services.REQUEST_PEOPLE_MAX", 0)
    owner.post(f"/bulk/{bulk_id}/undo")
    purge(app, 91)
    assert people.row_counts()["bulk_items"] == 3


def test_a_long_list_of_people_is_removed_in_chunks(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.bulk.tasks.PURGE_CHUNK", 2)
    bulk.create(owner, "deactivate", *three)
    purge(app, 8)
    assert people.row_counts()["bulk_items"] == 0


def test_an_erased_person_is_removed_from_bulk_changes(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "delete", *three)
    bulk.apply(owner, bulk_id)
    with app.app_context():
        purge_user(three[0].id, by=TESTER)
    assert list(bulk.outcomes(bulk_id)) == [three[1].id, three[2].id]
    assert "Anna" not in owner.get(f"/bulk/{bulk_id}").text
    owner.post(f"/bulk/{bulk_id}/undo")
    assert list(bulk.outcomes(bulk_id).values()) == ["undone"] * 2


def test_bulk_changes_of_an_erased_requester_are_removed(
    app: App, owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    second = access.person("Second Owner", roles=[OWNER])
    browser = access.browser_of(second)
    bulk_id = bulk.create(browser, "deactivate", *three)
    bulk.apply(browser, bulk_id, reason="because I say so")
    with app.app_context():
        delete_user(second.id, by=TESTER)
        purge_user(second.id, by=TESTER)
    row = bulk.change(bulk_id)
    assert (row.requested_by_id, row.address, row.reason) == (None, "", "")
    assert "Erased user" in owner.get("/bulk").text
    purge(app)
    assert (people.row_counts()["bulk_changes"], people.row_counts()["bulk_items"]) == (0, 0)
