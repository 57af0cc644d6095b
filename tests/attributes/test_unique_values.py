"""A unique attribute has each value once, also when two people get it in the same instant."""

from __future__ import annotations

import threading

import pytest

from tests.attributes.conftest import Catalogue
from tests.browser_session import Api, Browser
from tests.factories import People
from webapp.core.errors import Taken


def test_a_value_of_somebody_else_is_taken(api: Api, owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    people.create(attributes={"badge": "Straße"})
    before = people.everything()
    answer = api.post("/users", {"email": "x@example.com", "name": "X", "attributes": {"badge": "STRASSE"}})
    assert answer.status_code == 409
    assert answer.json["errors"][0]["field"] == "attributes.badge"
    page = owner.post("/users", email="x@example.com", name="X", **{"attributes.badge": "strasse"})
    assert 'id="attributes.badge-error"' in page.text
    assert people.everything() == before


def test_a_value_that_was_given_up_is_free(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    first = people.create(attributes={"badge": "17"})
    fields = {"name": first.name, "email": first.email, "version": "1", "attributes.badge": "18"}
    owner.post(f"/users/{first.id}", **fields)
    assert people.create(attributes={"badge": "17"}).attributes == {"badge": "17"}
    with pytest.raises(Taken):
        people.create(attributes={"badge": "18"})


def test_one_keeps_ones_own(owner: Browser, catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    user = people.create(attributes={"badge": "17"})
    fields = {"name": "New Name", "email": user.email, "version": "1", "attributes.badge": "17"}
    assert owner.post(f"/users/{user.id}", **fields).status_code == 303


def test_while_it_is_deleted_its_values_stay_taken(catalogue: Catalogue, people: People) -> None:
    made = catalogue.define("badge", unique=True)
    people.create(attributes={"badge": "17"})
    catalogue.delete(made)
    catalogue.restore(made)
    with pytest.raises(Taken):
        people.create(attributes={"badge": "17"})


def test_of_two_in_the_same_instant_one_gets_it(catalogue: Catalogue, people: People) -> None:
    catalogue.define("badge", unique=True)
    before = people.count()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def create(name: str) -> None:
        barrier.wait()
        try:
            people.create(email=f"{name}@example.com", attributes={"badge": "17"})
        except Taken:
            outcomes.append("taken")
        else:
            outcomes.append("made")

    threads = [threading.Thread(target=create, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "taken"]
    assert people.count() == before + 1
    assert people.everything()["attribute_keys"] == 1
