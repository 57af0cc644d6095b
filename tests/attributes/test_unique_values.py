"""Unique attributes: no two users have the same value, also with concurrent requests."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import flask_migrate
import pytest
from sqlalchemy import select, text

from tests.attributes.conftest import Catalogue
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.attributes.models import AttributeKey
from webapp.bin.services import delete_user, restore_user
from webapp.core.errors import Taken
from webapp.db.session import db
from webapp.web.api import App


def test_a_value_of_another_user_is_refused(api: Api, owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    people.create(attributes={"badge": "Straße"})
    before = people.row_counts()
    response = api.post("/users", {"email": "x@example.com", "name": "X", "attributes": {"badge": "STRASSE"}})
    assert response.status_code == 409
    assert response.json["errors"][0]["field"] == "attributes.badge"
    page = owner.post("/users", email="x@example.com", name="X", **{"attributes.badge": "strasse"})
    assert 'id="attributes.badge-error"' in page.text
    assert people.row_counts() == before


@pytest.mark.one_engine
def test_a_value_that_is_no_longer_used_is_free(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(attributes={"badge": "17"})
    fields = {"name": first.name, "email": first.email, "version": "1", "attributes.badge": "18"}
    owner.post(f"/users/{first.id}", **fields)
    assert people.create(attributes={"badge": "17"}).attributes == {"badge": "17"}
    with pytest.raises(Taken):
        people.create(attributes={"badge": "18"})


@pytest.mark.one_engine
def test_a_user_can_keep_their_value(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    user = people.create(attributes={"badge": "17"})
    fields = {"name": "New Name", "email": user.email, "version": "1", "attributes.badge": "17"}
    assert owner.post(f"/users/{user.id}", **fields).status_code == 303


@pytest.mark.one_engine
def test_values_of_a_deleted_attribute_stay_in_use(catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("badge", unique=True)
    people.create(attributes={"badge": "17"})
    catalogue.delete(attribute_id)
    catalogue.restore(attribute_id)
    with pytest.raises(Taken):
        people.create(attributes={"badge": "17"})


def test_of_two_concurrent_creations_one_is_refused(catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    before = people.count()
    outcomes: list[str] = []
    barrier = threading.Barrier(2, timeout=300)

    def create(name: str) -> None:
        barrier.wait()
        try:
            people.create(email=f"{name}@example.com", attributes={"badge": "17"})
        except Taken:
            outcomes.append("taken")
        else:
            outcomes.append("created")

    threads = [threading.Thread(target=create, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created", "taken"]
    assert people.count() == before + 1
    assert people.row_counts()["attribute_keys"] == 1


@pytest.mark.one_engine
def test_values_of_deleted_users_are_free(app: App, owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(attributes={"badge": "17"})
    owner.post(f"/users/{first.id}/deletion")
    assert people.create(attributes={"badge": "17"}).attributes == {"badge": "17"}


@pytest.mark.one_engine
def test_a_restored_user_has_their_value_again(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(attributes={"badge": "17"})
    owner.post(f"/users/{first.id}/deletion")
    assert owner.post(f"/users/{first.id}/restoration").status_code == 303
    with pytest.raises(Taken):
        people.create(attributes={"badge": "17"})


def test_restoring_a_user_whose_value_is_in_use_requires_another_value(
    owner: Browser, catalogue: Catalogue, people: People
) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(name="First", attributes={"badge": "17"})
    owner.post(f"/users/{first.id}/deletion")
    people.create(name="Second", attributes={"badge": "17"})
    page = owner.get(f"/users/{first.id}/restoration").text
    assert "Another user now has" in page
    assert 'name="attributes.badge"' in page
    before = people.row_counts(), people.row(id=first.id)
    response = owner.post(f"/users/{first.id}/restoration")
    assert response.status_code == 422
    assert re.search(r'id="attributes.badge-error">.*?This value of ', response.text, re.DOTALL)
    assert (people.row_counts(), people.row(id=first.id)) == before
    assert owner.post(f"/users/{first.id}/restoration", **{"attributes.badge": "18"}).status_code == 303
    assert people.row(id=first.id)["attributes"] == {"badge": "18"}
    assert people.audit_trail(first.id)[-1][1]["attributes.badge"] == ["17", "18"]


@pytest.mark.one_engine
def test_the_api_requires_another_value_too(api: Api, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(attributes={"badge": "17"})
    api.delete(f"/users/{first.id}")
    people.create(attributes={"badge": "17"})
    response = api.post(f"/users/{first.id}/restoration", {})
    assert (response.status_code, response.json["errors"][0]["field"]) == (409, "attributes.badge")
    response = api.post(f"/users/{first.id}/restoration", {"attributes": {"badge": None}})
    assert (response.status_code, response.json["attributes"]) == (200, {})


@pytest.mark.one_engine
def test_deleted_users_do_not_prevent_a_unique_attribute(owner: Browser, catalogue: Catalogue, people: People) -> None:
    attribute_id = catalogue.define("badge")
    first, _second = (people.create(attributes={"badge": "17"}) for _ in range(2))
    owner.post(f"/users/{first.id}/deletion")
    catalogue.change(attribute_id, unique=True)
    assert owner.post(f"/users/{first.id}/restoration").status_code == 422


def test_of_two_concurrent_restorations_one_is_refused(app: App, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    ids = []
    for _number in range(2):
        ids.append(people.create(attributes={"badge": "17"}).id)
        with app.app_context():
            delete_user(ids[-1], by=TESTER)
    barrier = threading.Barrier(2, timeout=300)

    def restore(user_id: UUID) -> str:
        barrier.wait()
        with app.app_context():
            try:
                restore_user(user_id, by=TESTER)
            except Taken:
                return "taken"
            return "restored"

    with ThreadPoolExecutor() as threads:
        assert sorted(threads.map(restore, ids)) == ["restored", "taken"]
    assert people.row_counts()["attribute_keys"] == 1


def test_the_migration_frees_values_of_deleted_users(app: App, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    kept, deleted = people.create(attributes={"badge": "1"}), people.create(attributes={"badge": "2"})
    with app.app_context():
        flask_migrate.downgrade(revision="20261124_1000")
        query = text("UPDATE users SET deleted_at = created_at WHERE id = :id")
        with db.engine.begin() as connection:
            connection.execute(query, {"id": deleted.id if db.engine.dialect.name == "postgresql" else deleted.id.hex})
        flask_migrate.upgrade()
        assert list(db.session.scalars(select(AttributeKey.user_id))) == [kept.id]
