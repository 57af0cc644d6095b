"""A change to a taken name or address is refused, also if the change reads the database before it is stored.

Each query first flushes the changes of the session, so the database can refuse them in the middle of a change.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from tests.clients import Api, Browser
from tests.factories import People
from webapp.users import saving


def created(api: Api, path: str, **values: Any) -> str:
    response = api.post(path, values)
    assert response.status_code == 201, response.json
    return f"{path}/{response.json['id']}"


def assert_taken(api: Api, people: People, path: str, field: str, **values: Any) -> None:
    before = people.row_counts(), api.get(path).json
    refused = api.patch(path, values)
    assert (refused.status_code, [error["field"] for error in refused.json["errors"]]) == (409, [field])
    assert (people.row_counts(), api.get(path).json) == before


def test_the_name_of_a_shared_view(api: Api, people: People) -> None:
    created(api, "/views", name="One", address="status=active")
    shared = created(api, "/views", name="Two", address="status=active", shared=True)
    assert_taken(api, people, shared, "name", name="one")


@pytest.mark.parametrize("parent", ["kept", "left"])
def test_the_name_of_a_group_in_another_one(api: Api, people: People, parent: str) -> None:
    outer = created(api, "/groups", name="Outer")
    created(api, "/groups", name="One")
    inner = created(api, "/groups", name="Two", parent_id=outer.rpartition("/")[2])
    assert_taken(api, people, inner, "name", name="one", **({} if parent == "kept" else {"parent_id": None}))


def test_the_address_of_a_person_who_also_gets_a_password(api: Api, people: People) -> None:
    people.create(email="anna@acme.example", username="anna")
    berta = people.create(email="berta@acme.example", password=people.password)
    password = "nine purple lamps"
    assert_taken(api, people, f"/users/{berta.id}", "email", email="anna@acme.example", password=password)
    assert_taken(api, people, f"/users/{berta.id}", "username", username="anna", password=password)


def test_a_conflict_that_a_change_did_not_expect(
    api: Api, owner: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.create(email="anna@acme.example")
    monkeypatch.setattr(saving, "refuse_taken_identity", nullcontext)
    before = people.row_counts()
    refused = api.post("/users", {"email": "anna@acme.example", "name": "Anna"})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "stale")
    page = owner.post("/users", email="anna@acme.example", name="Anna")
    assert (page.status_code, "Someone else made a change at the same moment" in page.text) == (409, True)
    assert people.row_counts() == before
