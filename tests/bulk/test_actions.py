"""What each action changes, and which actions need a recent password."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.bulk.conftest import Bulk, status
from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.access.models import HELPDESK
from webapp.attributes.services import create_attribute
from webapp.bin.services import restore_user
from webapp.users.schemas import UserOut
from webapp.users.services import reactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def test_roles_are_granted_and_revoked(
    owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    access.grant(HELPDESK, user_id=three[0].id)
    bulk_id = bulk.create(owner, "add_role", *three)
    assert 'name="role"' in owner.get(f"/bulk/{bulk_id}").text
    assert owner.post(f"/bulk/{bulk_id}/plan", role="").status_code == 422
    owner.post(f"/bulk/{bulk_id}/plan", role=str(HELPDESK))
    assert list(bulk.outcomes(bulk_id).values()) == ["same", "change", "change"]
    bulk.apply(owner, bulk_id)
    assert [bool(access.powers_of(person.id).everywhere) for person in three] == [True] * 3
    removal = bulk.create(owner, "remove_role", *three)
    owner.post(f"/bulk/{removal}/plan", role=str(HELPDESK))
    bulk.apply(owner, removal)
    assert [bool(access.powers_of(person.id).everywhere) for person in three] == [False] * 3


def test_people_are_added_to_and_removed_from_groups(
    owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    for action, audit_action in (("add_group", "member.added"), ("remove_group", "member.removed")):
        bulk_id = bulk.create(owner, action, *three)
        owner.post(f"/bulk/{bulk_id}/plan", group=str(north))
        bulk.apply(owner, bulk_id)
        assert [people.audit_trail(person.id)[-1][0] for person in three] == [audit_action] * 3


def test_the_end_of_access_is_set(owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    bulk_id = bulk.create(owner, "end_access", *three)
    for ends_at in ("", "yesterday", "2020-01-01T00:00"):
        assert owner.post(f"/bulk/{bulk_id}/plan", ends_at=ends_at).status_code == 422
    owner.post(f"/bulk/{bulk_id}/plan", ends_at="2040-01-01T12:00")
    bulk.apply(owner, bulk_id)
    assert {str(people.row(id=person.id)["ends_at"])[:16] for person in three} == {"2040-01-01 12:00"}


@pytest.mark.both_engines
def test_an_attribute_is_set(app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    with app.app_context():
        for key, kind in (("floor", "number"), ("badge", "text")):
            create_attribute(key=key, kind=kind, label_en=key, label_ru=key, unique=kind == "text", by=TESTER)
    bulk_id = bulk.create(owner, "set_attribute", *three)
    assert "attributes.floor" in owner.get(f"/bulk/{bulk_id}?attribute=floor").text
    assert owner.post(f"/bulk/{bulk_id}/plan", **{"attribute": "floor", "attributes.floor": "many"}).status_code == 422
    assert owner.post(f"/bulk/{bulk_id}/plan").status_code == 400
    owner.post(f"/bulk/{bulk_id}/plan", **{"attribute": "floor", "attributes.floor": "4"})
    bulk.apply(owner, bulk_id)
    assert [people.row(id=person.id)["attributes"] for person in three] == [{"floor": 4}] * 3
    unique = bulk.create(owner, "set_attribute", *three)
    owner.post(f"/bulk/{unique}/plan", **{"attribute": "badge", "attributes.badge": "A-1"})
    # The dry run knows that only one of them can have this value.
    assert list(bulk.outcomes(unique).values()) == ["change", "refused", "refused"]


@pytest.mark.both_engines
def test_people_are_deleted_and_restored(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "delete", *three)
    bulk.apply(owner, bulk_id)
    assert status(people, *three) == ["deleted"] * 3
    people.create(name="New Anna", email=three[0].email)
    restoration = bulk.create_for_matches(owner, "restore", "status=deleted")
    assert "This e-mail address is already in use" in owner.get(f"/bulk/{restoration}").text
    bulk.apply(owner, restoration)
    assert status(people, *three) == ["deleted", "active", "active"]
    with app.app_context():
        restore_user(three[0].id, email="anna.old@example.com", by=TESTER)
        reactivate_user(three[0].id, by=TESTER)


def test_sensitive_actions_need_a_recent_password(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], old_confirmation: None
) -> None:
    before = people.row_counts()
    for action in ("delete", "export"):
        bulk_id = bulk.create(owner, action, *three)
        assert owner.get(f"/bulk/{bulk_id}").location == f"/confirm?next=/bulk/{bulk_id}"
        path = "file" if action == "export" else "application"
        response = owner.post(f"/bulk/{bulk_id}/{path}", plan=bulk.change(bulk_id).plan_hash)
        assert response.location.startswith("/confirm")
    assert people.row_counts()["audit_records"] == before["audit_records"]
    assert status(people, *three) == ["active"] * 3
