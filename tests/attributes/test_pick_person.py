"""Name a person as the value of an attribute, by a part of their name."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.attributes.conftest import Catalogue, values
from tests.clients import Browser
from tests.factories import People
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture
def user(catalogue: Catalogue, people: People) -> UserOut:
    catalogue.define("boss", "person")
    return people.create()


def save(browser: Browser, user: UserOut, boss: str, **fields: str) -> tuple[int, str]:
    known = {"name": user.name, "email": user.email, "version": str(user.version), "attributes.boss": boss}
    response = browser.post(f"/users/{user.id}", **known, **fields)
    return response.status_code, response.text


def test_a_full_name_that_one_person_has_is_enough(owner: Browser, people: People, user: UserOut) -> None:
    boss = people.create(name="Anna Berg")
    assert save(owner, user, "Anna Berg")[0] == 303
    assert values(people, user.id) == {"boss": str(boss.id)}


def test_people_that_the_text_may_mean_are_offered(owner: Browser, people: People, user: UserOut) -> None:
    bosses = [people.create(name=name) for name in ("Anna Berg", "Anna Lund")]
    status, page = save(owner, user, "Anna")
    assert status == 422
    assert re.search(r"Choose one of these people", page)
    assert re.findall(r'name="attributes\.boss\.choice" value="([^"]+)"', page) == [str(each.id) for each in bosses]
    assert values(people, user.id) == {}
    chosen = {"attributes.boss.offered": "Anna", "attributes.boss.choice": str(bosses[1].id)}
    assert save(owner, user, "Anna", **chosen)[0] == 303
    assert values(people, user.id) == {"boss": str(bosses[1].id)}


def test_the_form_shows_name_and_address_of_the_person(owner: Browser, people: People, user: UserOut) -> None:
    boss = people.create(name="Anna Berg", email="anna@example.com")
    assert save(owner, user, str(boss.id))[0] == 303
    page = owner.get(f"/users/{user.id}/edit").text
    assert 'data-name="Anna Berg"' in page
    assert 'value="anna@example.com"' in page


def test_a_person_who_vanished_is_refused_beside_the_field(owner: Browser, people: People, user: UserOut) -> None:
    status, page = save(owner, user, str(uuid4()), **{"attributes.boss.typed": "Vera Lost"})
    assert status == 422
    assert re.search(r'id="attributes.boss-error">.*?This user does not exist', page, re.DOTALL)
    assert 'value="Vera Lost"' in page
    assert values(people, user.id) == {}


@pytest.mark.parametrize("text", ["\x00", "\u202e", "😀", "x" * 10_000, "foo:bar"])
def test_odd_texts_are_refused(owner: Browser, people: People, user: UserOut, text: str) -> None:
    assert save(owner, user, text)[0] == 422
    assert values(people, user.id) == {}
