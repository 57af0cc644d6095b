"""Previewing and applying a bulk change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.mark.both_engines
def test_a_bulk_change_deactivates_all(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "3 people will be deactivated" in page
    assert "<del>Active</del>" in page
    assert status(people, *three) == ["active"] * 3
    response = bulk.apply(owner, bulk_id)
    assert (response.status_code, response.location) == (303, f"/bulk/{bulk_id}")
    assert status(people, *three) == ["deactivated"] * 3
    assert set(bulk.outcomes(bulk_id).values()) == {"done"}
    assert "3 people were changed" in owner.get(f"/bulk/{bulk_id}").text


def test_a_preview_changes_nothing_else(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    before, rows = people.row_counts(), [people.row(id=person.id) for person in three]
    bulk_id = bulk.create(owner, "deactivate", *three)
    after = people.row_counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "bulk_changes": 1,
        "bulk_items": 3,
    }
    assert [people.row(id=person.id) for person in three] == rows
    assert bulk.change(bulk_id).state == "planned"


@pytest.mark.both_engines
def test_all_records_share_the_id_of_the_bulk_change(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id, reason="Уход")
    with app.app_context():
        records = list(db.session.scalars(select(AuditRecord).where(AuditRecord.batch_id == bulk_id)))
        assert Counter(record.action for record in records) == {"user.deactivated": 3, "bulk.applied": 1}
        assert {(record.actor_label, record.reason) for record in records} == {("Ольга Смирнова", "Уход")}
        (summary,) = (record for record in records if record.action == "bulk.applied")
        assert (summary.subject_kind, summary.subject_id) == ("bulk", bulk_id)
        assert summary.changes == {"bulk_action": [None, "deactivate"], "people": [None, "3"], "bulk_done": [None, "3"]}
        assert verify().findings == []
    assert [len(bulk.item(bulk_id, person).record_ids) for person in three] == [1, 1, 1]


def test_unchanged_and_refused_people_are_listed_with_the_reason(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    anna, boris, clara = three
    olga = people.owner()
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
        delete_user(clara.id, by=TESTER)
    bulk_id = bulk.create(owner, "deactivate", anna, boris, clara, olga)
    assert bulk.outcomes(bulk_id) == {
        anna.id: "same",
        boris.id: "change",
        clara.id: "refused",
        olga.id: "refused",
    }
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "You cannot deactivate yourself. Another owner can do this." in page
    assert "This user is deleted. Restore them first." in page
    assert "Boris" not in owner.get(f"/bulk/{bulk_id}?outcome=refused").text
    bulk.apply(owner, bulk_id)
    assert status(people, anna, boris, clara, olga) == ["deactivated", "deactivated", "deleted", "active"]


@pytest.mark.both_engines
def test_a_bulk_change_keeps_one_owner(app: App, people: People, access: Access, bulk: Bulk) -> None:
    first, second = (access.person(name, roles=[OWNER]) for name in ("First", "Second"))
    third = access.person("Third", roles=[OWNER])
    browser = access.browser_of(third)
    bulk_id = bulk.create(browser, "remove_role", first, second, third)
    browser.post(f"/bulk/{bulk_id}/plan", role=str(OWNER))
    assert list(bulk.outcomes(bulk_id).values()) == ["change", "change", "refused"]
    assert "This is the last active owner." in browser.get(f"/bulk/{bulk_id}").text
    bulk.apply(browser, bulk_id)
    assert list(bulk.outcomes(bulk_id).values()) == ["done", "done", "refused"]
    assert access.powers_of(third.id).everywhere


@pytest.mark.both_engines
def test_a_person_who_changed_since_the_preview_is_not_changed(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    anna, boris, clara = three
    bulk_id = bulk.create(owner, "deactivate", *three)
    plan_hash = bulk.plan_hash(owner, bulk_id)
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
        delete_user(boris.id, by=TESTER)
        # Her name makes no difference to the change.
        update_user(clara.id, name="Clara Nova", by=TESTER)
    owner.post(f"/bulk/{bulk_id}/application", plan=plan_hash)
    assert bulk.outcomes(bulk_id) == {anna.id: "overtaken", boris.id: "refused", clara.id: "done"}
    assert "so skipped" in owner.get(f"/bulk/{bulk_id}").text
    assert people.row(id=anna.id)["deactivated_by_name"] == "Test"


def test_an_outdated_preview_is_not_applied(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    outdated = bulk.plan_hash(owner, bulk_id)
    with app.app_context():
        deactivate_user(three[0].id, by=TESTER)
    owner.post(f"/bulk/{bulk_id}/plan")
    before = people.row_counts()
    response = owner.post(f"/bulk/{bulk_id}/application", plan=outdated)
    assert response.status_code == 409
    assert "The preview was updated after you opened it." in response.text
    assert (people.row_counts(), status(people, *three[1:])) == (before, ["active"] * 2)


@pytest.mark.both_engines
@pytest.mark.parametrize("plan_hash", ["", "0" * 64, "x" * 10_000, "\x00"])
def test_a_wrong_preview_hash_is_refused(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], plan_hash: str
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/application", plan=plan_hash).status_code == 409
    assert (people.row_counts(), status(people, *three)) == (before, ["active"] * 3)


def test_a_second_application_is_refused(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    plan_hash = bulk.plan_hash(owner, bulk_id)
    owner.post(f"/bulk/{bulk_id}/application", plan=plan_hash)
    before = people.row_counts()
    for path, fields in (("application", {"plan": plan_hash}), ("plan", {}), ("stop", {})):
        assert owner.post(f"/bulk/{bulk_id}/{path}", **fields).status_code == 409
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_one_of_two_concurrent_applications_is_refused(
    app: App, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    people.owner()
    browsers = [Browser(app).signed_in_as("olga@example.com") for _browser in range(2)]
    bulk_id = bulk.create(browsers[0], "deactivate", *three)
    plan_hash, tokens = bulk.plan_hash(browsers[0], bulk_id), [browser.csrf_token() for browser in browsers]
    barrier = Barrier(2, timeout=300)

    def apply(number: int) -> int:
        barrier.wait()
        data = {"csrf_token": tokens[number], "plan": plan_hash}
        return browsers[number].client.post(f"/bulk/{bulk_id}/application", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(apply, range(2))) == [303, 409]
    assert [len(people.audit_trail(person.id)) for person in three] == [2, 2, 2]


def test_a_bulk_change_requires_a_reason_if_the_single_change_does(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], change_settings: Callable[..., None]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    change_settings(reason_required=["user.deactivated"])
    before = people.row_counts()
    response = bulk.apply(owner, bulk_id)
    assert (response.status_code, people.row_counts()) == (422, before)
    assert "Enter a reason for this change" in response.text
    assert bulk.apply(owner, bulk_id, reason="Уход").status_code == 303
    assert status(people, *three) == ["deactivated"] * 3


def test_a_preview_without_changes_cannot_be_applied(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "reactivate", *three)
    assert "There is nothing to change" in owner.get(f"/bulk/{bulk_id}").text
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/application", plan=bulk.change(bulk_id).plan_hash).status_code == 400
    assert people.row_counts() == before
