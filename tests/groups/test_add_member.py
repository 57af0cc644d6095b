"""Taking people into a group, and out of it, on its page."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import AUDITOR, GROUP_OWNER
from webapp.core.clock import now
from webapp.users.schemas import UserOut


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna", email="anna@example.com", username="anna.b")


@pytest.mark.parametrize("name", ["ANNA@example.com", "anna.b", "id"])
def test_by_whatever_they_are_known(owner: Browser, anna: UserOut, sales: UUID, name: str) -> None:
    person = str(anna.id) if name == "id" else name
    assert owner.post(f"/groups/{sales}/members", person=person).status_code == 303
    assert "anna@example.com" in owner.get(f"/groups/{sales}").text


def test_for_a_time(owner: Browser, anna: UserOut, sales: UUID) -> None:
    later = now() + timedelta(days=3)
    owner.post(f"/groups/{sales}/members", person="anna.b", starts_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert "Future members" in owner.get(f"/groups/{sales}").text


def test_moments_are_in_ones_own_time_zone(owner: Browser, anna: UserOut, sales: UUID) -> None:
    owner.post("/account/preferences", timezone="Asia/Tokyo")
    later = (now() + timedelta(days=3)).replace(hour=20, minute=0)
    owner.post(f"/groups/{sales}/members", person="anna.b", ends_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert later.strftime("%Y-%m-%dT11:00:00Z") in owner.get(f"/groups/{sales}").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"person": ""}, "Enter an e-mail address, username or ID"),
        ({"person": "nobody@example.com"}, "This user does not exist"),
        ({"ends_at": "soon"}, "Enter a date and a time"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
    ],
)
def test_a_refusal_is_beside_its_field_and_keeps_what_was_typed(
    owner: Browser, people: People, anna: UserOut, sales: UUID, given: dict[str, str], words: str
) -> None:
    before = people.row_counts()
    fields = {"person": "anna.b"} | given
    answer = owner.post(f"/groups/{sales}/members", **fields)
    assert answer.status_code == 422
    assert re.search(r'class="field-error" id="\w+-error">.*?' + re.escape(words), answer.text, re.DOTALL)
    assert f'value="{fields["person"]}"' in answer.text
    assert people.row_counts() == before


def test_who_is_in_it_is_refused_beside_the_person(owner: Browser, access: Access, anna: UserOut, sales: UUID) -> None:
    access.add_member(sales, anna.id)
    answer = owner.post(f"/groups/{sales}/members", person="anna.b")
    assert answer.status_code == 422
    assert re.search(r'id="person-error">.*?They are already in this group', answer.text, re.DOTALL)


def test_they_can_be_taken_out(owner: Browser, access: Access, anna: UserOut, sales: UUID) -> None:
    membership = access.add_member(sales, anna.id)
    assert f"/groups/{sales}/members/{membership}/end" in owner.get(f"/groups/{sales}").text
    assert owner.post(f"/groups/{sales}/members/{membership}/end").status_code == 303
    assert "No one is in this group" in owner.get(f"/groups/{sales}").text


def test_both_take_a_csrf_token(owner: Browser, access: Access, people: People, anna: UserOut, sales: UUID) -> None:
    membership = access.add_member(sales, people.create().id)
    before = people.row_counts()
    assert owner.client.post(f"/groups/{sales}/members", data={"person": "anna.b"}).status_code == 400
    assert owner.client.post(f"/groups/{sales}/members/{membership}/end").status_code == 400
    assert people.row_counts() == before


def test_a_member_may_not(member: Browser, sales: UUID) -> None:
    assert member.post(f"/groups/{sales}/members", person="member@example.com").status_code == 403


def test_whom_one_may_not_take_out_is_said_on_the_page(
    access: Access, people: People, anna: UserOut, sales: UUID
) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    access.grant(AUDITOR, group_id=sales)
    membership, browser = access.add_member(sales, anna.id), access.browser_of(someone)
    before = people.row_counts()
    answer = browser.post(f"/groups/{sales}/members/{membership}/end")
    assert (answer.status_code, answer.location) == (303, f"/groups/{sales}")
    assert "You cannot give permissions you do not have" in browser.get(answer.location).text
    assert people.row_counts() == before
