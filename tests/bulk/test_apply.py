"""What was previewed is done, and nothing else."""

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
from webapp.access.models import HELPDESK, OWNER
from webapp.attributes.services import create_attribute
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.bin.services import delete_user, restore_user
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, reactivate_user, update_user
from webapp.web.api import App


def test_a_bulk_change_deactivates_all(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
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
    bulk_id = bulk.ask(owner, "deactivate", *three)
    after = people.row_counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "bulk_changes": 1,
        "bulk_items": 3,
    }
    assert [people.row(id=person.id) for person in three] == rows
    assert bulk.row(bulk_id).state == "planned"


def test_all_records_share_the_id_of_the_bulk_change(
    app: App, owner: Browser, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id, reason="Уход")
    with app.app_context():
        records = list(db.session.scalars(select(AuditRecord).where(AuditRecord.batch_id == bulk_id)))
        assert Counter(record.action for record in records) == {"user.deactivated": 3, "bulk.applied": 1}
        assert {(record.actor_label, record.reason) for record in records} == {("Ольга Смирнова", "Уход")}
        (whole,) = (record for record in records if record.action == "bulk.applied")
        assert (whole.subject_kind, whole.subject_id) == ("bulk", bulk_id)
        assert whole.changes == {"bulk_action": [None, "deactivate"], "people": [None, "3"], "bulk_done": [None, "3"]}
        assert verify().findings == []
    kept = [bulk.item(bulk_id, person).record_ids for person in three]
    assert all(len(ids) == 1 for ids in kept)


def test_unchanged_and_refused_people_are_listed_with_the_reason(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    anna, boris, clara = three
    olga = people.owner()
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
        delete_user(clara.id, by=TESTER)
    bulk_id = bulk.ask(owner, "deactivate", anna, boris, clara, olga)
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


def test_a_bulk_change_keeps_one_owner(app: App, people: People, access: Access, bulk: Bulk) -> None:
    first, second = (access.person(name, roles=[OWNER]) for name in ("First", "Second"))
    third = access.person("Third", roles=[OWNER])
    browser = access.browser_of(third)
    bulk_id = bulk.ask(browser, "remove_role", first, second, third)
    browser.post(f"/bulk/{bulk_id}/plan", role=str(OWNER))
    assert list(bulk.outcomes(bulk_id).values()) == ["change", "change", "refused"]
    assert "This is the last active owner." in browser.get(f"/bulk/{bulk_id}").text
    bulk.apply(browser, bulk_id)
    assert list(bulk.outcomes(bulk_id).values()) == ["done", "done", "refused"]
    assert access.powers_of(third.id).everywhere


def test_a_person_who_changed_since_the_preview_is_not_changed(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    anna, boris, clara = three
    bulk_id = bulk.ask(owner, "deactivate", *three)
    plan = bulk.plan(owner, bulk_id)
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
        delete_user(boris.id, by=TESTER)
        # What she is called makes no difference to the change.
        update_user(clara.id, name="Clara Nova", by=TESTER)
    owner.post(f"/bulk/{bulk_id}/application", plan=plan)
    assert bulk.outcomes(bulk_id) == {anna.id: "overtaken", boris.id: "refused", clara.id: "done"}
    assert "so skipped" in owner.get(f"/bulk/{bulk_id}").text
    assert people.row(id=anna.id)["deactivated_by_name"] == "Test"


def test_an_outdated_preview_is_not_applied(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    seen = bulk.plan(owner, bulk_id)
    with app.app_context():
        deactivate_user(three[0].id, by=TESTER)
    owner.post(f"/bulk/{bulk_id}/plan")
    before = people.row_counts()
    response = owner.post(f"/bulk/{bulk_id}/application", plan=seen)
    assert response.status_code == 409
    assert "The preview was updated after you opened it." in response.text
    assert (people.row_counts(), status(people, *three[1:])) == (before, ["active"] * 2)


@pytest.mark.parametrize("plan", ["", "0" * 64, "x" * 10_000, "\x00"])
def test_a_wrong_preview_hash_is_refused(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], plan: str
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/application", plan=plan).status_code == 409
    assert (people.row_counts(), status(people, *three)) == (before, ["active"] * 3)


def test_a_second_application_is_refused(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
    plan = bulk.plan(owner, bulk_id)
    owner.post(f"/bulk/{bulk_id}/application", plan=plan)
    before = people.row_counts()
    for path, fields in (("application", {"plan": plan}), ("plan", {}), ("stop", {})):
        assert owner.post(f"/bulk/{bulk_id}/{path}", **fields).status_code == 409
    assert people.row_counts() == before


def test_one_of_two_concurrent_applications_is_refused(
    app: App, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    people.owner()
    browsers = [Browser(app).signed_in_as("olga@example.com") for _side in range(2)]
    bulk_id = bulk.ask(browsers[0], "deactivate", *three)
    plan, tokens = bulk.plan(browsers[0], bulk_id), [browser.csrf_token() for browser in browsers]
    barrier = Barrier(2, timeout=300)

    def apply(side: int) -> int:
        barrier.wait()
        data = {"csrf_token": tokens[side], "plan": plan}
        return browsers[side].client.post(f"/bulk/{bulk_id}/application", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(apply, range(2))) == [303, 409]
    assert [len(people.audit_trail(person.id)) for person in three] == [2, 2, 2]


def test_a_bulk_change_requires_a_reason_if_the_single_change_does(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], change_settings: Callable[..., None]
) -> None:
    bulk_id = bulk.ask(owner, "deactivate", *three)
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
    bulk_id = bulk.ask(owner, "reactivate", *three)
    assert "There is nothing to change" in owner.get(f"/bulk/{bulk_id}").text
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/application", plan=bulk.row(bulk_id).plan_hash).status_code == 400
    assert people.row_counts() == before


def test_roles_are_granted_and_revoked(
    owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    access.grant(HELPDESK, user_id=three[0].id)
    bulk_id = bulk.ask(owner, "add_role", *three)
    assert 'name="role"' in owner.get(f"/bulk/{bulk_id}").text
    assert owner.post(f"/bulk/{bulk_id}/plan", role="").status_code == 422
    owner.post(f"/bulk/{bulk_id}/plan", role=str(HELPDESK))
    assert list(bulk.outcomes(bulk_id).values()) == ["same", "change", "change"]
    bulk.apply(owner, bulk_id)
    assert [bool(access.powers_of(person.id).everywhere) for person in three] == [True] * 3
    back = bulk.ask(owner, "remove_role", *three)
    owner.post(f"/bulk/{back}/plan", role=str(HELPDESK))
    bulk.apply(owner, back)
    assert [bool(access.powers_of(person.id).everywhere) for person in three] == [False] * 3


def test_people_are_added_to_and_removed_from_groups(
    owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    for action, word in (("add_group", "member.added"), ("remove_group", "member.removed")):
        bulk_id = bulk.ask(owner, action, *three)
        owner.post(f"/bulk/{bulk_id}/plan", group=str(north))
        bulk.apply(owner, bulk_id)
        assert [people.audit_trail(person.id)[-1][0] for person in three] == [word] * 3


def test_the_end_of_access_is_set(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.ask(owner, "end_access", *three)
    for wrong in ("", "yesterday", "2020-01-01T00:00"):
        assert owner.post(f"/bulk/{bulk_id}/plan", ends_at=wrong).status_code == 422
    owner.post(f"/bulk/{bulk_id}/plan", ends_at="2040-01-01T12:00")
    bulk.apply(owner, bulk_id)
    assert {str(people.row(id=person.id)["ends_at"])[:16] for person in three} == {"2040-01-01 12:00"}


def test_an_attribute_is_set(app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    with app.app_context():
        for key, kind in (("floor", "number"), ("badge", "text")):
            create_attribute(key=key, kind=kind, label_en=key, label_ru=key, unique=kind == "text", by=TESTER)
    bulk_id = bulk.ask(owner, "set_attribute", *three)
    assert "attributes.floor" in owner.get(f"/bulk/{bulk_id}?attribute=floor").text
    assert owner.post(f"/bulk/{bulk_id}/plan", **{"attribute": "floor", "attributes.floor": "many"}).status_code == 422
    assert owner.post(f"/bulk/{bulk_id}/plan").status_code == 400
    owner.post(f"/bulk/{bulk_id}/plan", **{"attribute": "floor", "attributes.floor": "4"})
    bulk.apply(owner, bulk_id)
    assert [people.row(id=person.id)["attributes"] for person in three] == [{"floor": 4}] * 3
    unique = bulk.ask(owner, "set_attribute", *three)
    owner.post(f"/bulk/{unique}/plan", **{"attribute": "badge", "attributes.badge": "A-1"})
    # The rehearsal knows that only one can have it.
    assert list(bulk.outcomes(unique).values()) == ["change", "refused", "refused"]


def test_people_are_deleted_and_restored(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.ask(owner, "delete", *three)
    bulk.apply(owner, bulk_id)
    assert status(people, *three) == ["deleted"] * 3
    people.create(name="New Anna", email=three[0].email)
    back = bulk.ask_all(owner, "restore", "status=deleted")
    assert "This e-mail address is already in use" in owner.get(f"/bulk/{back}").text
    bulk.apply(owner, back)
    assert status(people, *three) == ["deleted", "active", "active"]
    with app.app_context():
        restore_user(three[0].id, email="anna.old@example.com", by=TESTER)
        reactivate_user(three[0].id, by=TESTER)


def test_sensitive_actions_need_a_recent_password(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], aged: None
) -> None:
    before = people.row_counts()
    for action in ("delete", "export"):
        bulk_id = bulk.ask(owner, action, *three)
        assert owner.get(f"/bulk/{bulk_id}").location == f"/confirm?next=/bulk/{bulk_id}"
        path = "file" if action == "export" else "application"
        response = owner.post(f"/bulk/{bulk_id}/{path}", plan=bulk.row(bulk_id).plan_hash)
        assert response.location.startswith("/confirm")
    assert people.row_counts()["audit_records"] == before["audit_records"]
    assert status(people, *three) == ["active"] * 3
