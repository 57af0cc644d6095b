"""Undoing a bulk change. People who were changed since are skipped."""

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
from webapp.access.models import HELPDESK
from webapp.attributes.services import create_attribute
from webapp.audit.models import AuditRecord
from webapp.audit.verify import verify
from webapp.bin.services import delete_user
from webapp.db.session import db
from webapp.users.schemas import UserOut
from webapp.users.services import reactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.mark.both_engines
def test_a_bulk_change_is_undone_once(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id)
    assert owner.post(f"/bulk/{bulk_id}/undo").status_code == 303
    assert status(people, *three) == ["active"] * 3
    assert set(bulk.outcomes(bulk_id).values()) == {"undone"}
    with app.app_context():
        undo_id = bulk.change(bulk_id).undo_id
        records = list(db.session.scalars(select(AuditRecord).where(AuditRecord.batch_id == undo_id)))
        assert Counter(record.action for record in records) == {"user.reactivated": 3, "bulk.undone": 1}
        assert sum(record.undoes_id is not None for record in records) == 3
        assert verify().findings == []
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/undo").status_code == 409
    assert people.row_counts() == before


@pytest.mark.both_engines
def test_people_who_were_changed_since_are_skipped_and_listed(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id)
    with app.app_context():
        reactivate_user(three[0].id, by=TESTER)
        delete_user(three[1].id, by=TESTER)
    owner.post(f"/bulk/{bulk_id}/undo")
    assert list(bulk.outcomes(bulk_id).values()) == ["kept", "kept", "undone"]
    assert status(people, *three) == ["active", "deleted", "active"]
    page = owner.get(f"/bulk/{bulk_id}").text
    assert "2 people were changed later and were skipped." in page
    assert "This was changed again later." in page


@pytest.mark.parametrize("action", ["reactivate", "end_access", "set_attribute", "delete", "restore"])
def test_every_action_can_be_undone(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut], action: str
) -> None:
    with app.app_context():
        create_attribute(key="floor", kind="number", label_en="Floor", label_ru="Этаж", by=TESTER)
    preparation = {"reactivate": "deactivate", "restore": "delete"}.get(action)
    if preparation:
        bulk.apply(owner, bulk.create(owner, preparation, *three))
    columns = ("status", "ends_at", "attributes")
    before = [[people.row(id=person.id)[name] for name in columns] for person in three]
    bulk_id = bulk.create(owner, action, *three)
    if action == "end_access":
        owner.post(f"/bulk/{bulk_id}/plan", ends_at="2040-01-01T12:00")
    if action == "set_attribute":
        owner.post(f"/bulk/{bulk_id}/plan", **{"attribute": "floor", "attributes.floor": "4"})
    bulk.apply(owner, bulk_id)
    assert [[people.row(id=person.id)[name] for name in columns] for person in three] != before
    owner.post(f"/bulk/{bulk_id}/undo")
    assert set(bulk.outcomes(bulk_id).values()) == {"undone"}
    assert [[people.row(id=person.id)[name] for name in columns] for person in three] == before


def test_undo_restores_roles_in_every_scope(
    owner: Browser, people: People, access: Access, bulk: Bulk, three: list[UserOut]
) -> None:
    north = access.group("North")
    for person in three:
        access.grant(HELPDESK, user_id=person.id)
        access.grant(HELPDESK, user_id=person.id, scope_id=north)
    before = [access.powers_of(person.id) for person in three]
    bulk_id = bulk.create(owner, "remove_role", *three)
    owner.post(f"/bulk/{bulk_id}/plan", role=str(HELPDESK))
    bulk.apply(owner, bulk_id)
    assert not any(access.powers_of(person.id).everywhere or access.powers_of(person.id).by_scope for person in three)
    owner.post(f"/bulk/{bulk_id}/undo")
    assert [access.powers_of(person.id) for person in three] == before


@pytest.mark.both_engines
def test_one_of_two_concurrent_undos_is_refused(app: App, people: People, bulk: Bulk, three: list[UserOut]) -> None:
    people.owner()
    browsers = [Browser(app).signed_in_as("olga@example.com") for _browser in range(2)]
    bulk_id = bulk.create(browsers[0], "deactivate", *three)
    bulk.apply(browsers[0], bulk_id)
    tokens = [browser.csrf_token() for browser in browsers]
    barrier = Barrier(2, timeout=300)

    def undo(number: int) -> int:
        barrier.wait()
        return browsers[number].client.post(f"/bulk/{bulk_id}/undo", data={"csrf_token": tokens[number]}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(undo, range(2))) == [303, 409]
    assert [len(people.audit_trail(person.id)) for person in three] == [3, 3, 3]


def test_undo_requires_a_reason_if_its_action_does(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut], change_settings: Callable[..., None]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.apply(owner, bulk_id)
    change_settings(reason_required=["user.reactivated"])
    assert 'name="reason"' in owner.get(f"/bulk/{bulk_id}").text
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/undo").status_code == 422
    assert people.row_counts() == before
    assert owner.post(f"/bulk/{bulk_id}/undo", reason="Ошибка").status_code == 303
    assert status(people, *three) == ["active"] * 3


@pytest.mark.both_engines
@pytest.mark.usefixtures("two_per_request")
def test_a_job_undoes_a_large_bulk_change(
    app: App, owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    bulk.run_job(bulk_id)
    bulk.apply(owner, bulk_id)
    bulk.run_job(bulk_id)
    owner.post(f"/bulk/{bulk_id}/undo")
    assert bulk.change(bulk_id).state == "undoing"
    assert bulk.run_job(bulk_id).result == {"people": 3}
    assert (bulk.change(bulk_id).state, status(people, *three)) == ("undone", ["active"] * 3)


def test_an_unapplied_bulk_change_cannot_be_undone(
    owner: Browser, people: People, bulk: Bulk, three: list[UserOut]
) -> None:
    bulk_id = bulk.create(owner, "deactivate", *three)
    before = people.row_counts()
    assert owner.post(f"/bulk/{bulk_id}/undo").status_code == 409
    assert people.row_counts() == before
