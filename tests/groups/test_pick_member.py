"""Name a person who joins a group by a part of their name, without JavaScript."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import GROUP_OWNER
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna Berg", email="anna@example.com")


@pytest.fixture
def other_anna(people: People) -> UserOut:
    return people.create(name="Anna Lindqvist", email="lund@example.com")


def offered(page: str) -> list[str]:
    return re.findall(r'name="person\.choice" value="([^"]+)"', page)


def test_a_full_name_that_one_person_has_is_enough(
    owner: Browser, anna: UserOut, other_anna: UserOut, sales: UUID
) -> None:
    assert owner.post(f"/groups/{sales}/members", person="anna  BERG").status_code == 303
    page = owner.get(f"/groups/{sales}").text
    assert "anna@example.com" in page
    assert "lund@example.com" not in page


def test_people_that_the_text_may_mean_are_offered(
    owner: Browser, people: People, anna: UserOut, other_anna: UserOut, sales: UUID
) -> None:
    before = people.row_counts()
    refused = owner.post(f"/groups/{sales}/members", person="Anna")
    assert refused.status_code == 422
    assert re.search(r'id="person-error">.*?Choose one of these people', refused.text, re.DOTALL)
    assert 'value="Anna"' in refused.text
    assert offered(refused.text) == [str(anna.id), str(other_anna.id)]
    assert people.row_counts() == before
    fields = {"person": "Anna", "person.offered": "Anna", "person.choice": str(other_anna.id)}
    assert owner.post(f"/groups/{sales}/members", **fields).status_code == 303
    assert "lund@example.com" in owner.get(f"/groups/{sales}").text


def test_a_part_of_a_name_is_not_enough_even_if_it_matches_one_person(
    owner: Browser, anna: UserOut, sales: UUID
) -> None:
    refused = owner.post(f"/groups/{sales}/members", person="ann")
    assert (refused.status_code, offered(refused.text)) == (422, [str(anna.id)])


def test_people_with_similar_names_are_offered_if_no_one_matches(
    owner: Browser, other_anna: UserOut, sales: UUID
) -> None:
    refused = owner.post(f"/groups/{sales}/members", person="Lindxvist")
    assert (refused.status_code, offered(refused.text)) == (422, [str(other_anna.id)])


def test_a_choice_does_not_count_after_the_text_was_changed(
    owner: Browser, anna: UserOut, other_anna: UserOut, sales: UUID
) -> None:
    fields = {"person": "anna@example.com", "person.offered": "Anna", "person.choice": str(other_anna.id)}
    assert owner.post(f"/groups/{sales}/members", **fields).status_code == 303
    assert "lund@example.com" not in owner.get(f"/groups/{sales}").text


@pytest.mark.parametrize("way", ["script", "radio button"])
def test_a_person_who_vanished_is_refused_beside_the_field(
    owner: Browser, people: People, sales: UUID, way: str
) -> None:
    gone, before = str(uuid4()), people.row_counts()
    ways = {
        "script": {"person": gone, "person.typed": "Vera Lost"},
        "radio button": {"person": "Vera Lost", "person.offered": "Vera Lost", "person.choice": gone},
    }
    refused = owner.post(f"/groups/{sales}/members", **ways[way])
    assert refused.status_code == 422
    assert re.search(r'id="person-error">.*?This user does not exist', refused.text, re.DOTALL)
    assert 'value="Vera Lost"' in refused.text
    assert people.row_counts() == before


def test_a_chosen_person_is_shown_with_name_and_address_beside_other_errors(
    owner: Browser, anna: UserOut, sales: UUID
) -> None:
    fields = {"person": str(anna.id), "person.typed": "Anna Berg (anna@example.com)", "ends_at": "soon"}
    refused = owner.post(f"/groups/{sales}/members", **fields)
    assert refused.status_code == 422
    assert 'data-name="Anna Berg"' in refused.text
    assert 'value="anna@example.com"' in refused.text


def test_only_people_in_sight_are_offered(access: Access, anna: UserOut, other_anna: UserOut, sales: UUID) -> None:
    helper = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=helper.id, scope_id=sales)
    access.add_member(sales, anna.id)
    refused = access.browser_of(helper).post(f"/groups/{sales}/members", person="anna")
    assert (refused.status_code, offered(refused.text)) == (422, [str(anna.id)])


@pytest.mark.parametrize(
    "text", ["\x00", "\u202e", "😀", "x" * 10_000, "Анна" * 2500, '"', "foo:bar", "created:x", "-"]
)
def test_odd_texts_are_refused(owner: Browser, people: People, anna: UserOut, sales: UUID, text: str) -> None:
    before = people.row_counts()
    for name in ("person", "person.typed", "person.choice"):
        fields = {"person": text, "person.offered": text, name: text}
        assert owner.post(f"/groups/{sales}/members", **fields).status_code == 422
    assert people.row_counts() == before
