"""Add members to a group on its page, and remove them."""

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

pytestmark = pytest.mark.one_engine


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna", email="anna@example.com", username="anna.b")


@pytest.mark.parametrize("name", ["ANNA@example.com", "anna.b", "id"])
def test_a_member_can_be_added_by_address_username_or_id(owner: Browser, anna: UserOut, sales: UUID, name: str) -> None:
    person = str(anna.id) if name == "id" else name
    assert owner.post(f"/groups/{sales}/members", person=person).status_code == 303
    assert "anna@example.com" in owner.get(f"/groups/{sales}").text


def test_a_membership_can_start_later(owner: Browser, anna: UserOut, sales: UUID) -> None:
    later = now() + timedelta(days=3)
    owner.post(f"/groups/{sales}/members", person="anna.b", starts_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert "Future members" in owner.get(f"/groups/{sales}").text


def test_times_are_in_the_viewers_time_zone(owner: Browser, anna: UserOut, sales: UUID) -> None:
    owner.post("/account/preferences", timezone="Asia/Tokyo")
    later = (now() + timedelta(days=3)).replace(hour=20, minute=0)
    owner.post(f"/groups/{sales}/members", person="anna.b", ends_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert later.strftime("%Y-%m-%dT11:00:00Z") in owner.get(f"/groups/{sales}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"person": ""}, "Enter an e-mail address, username or ID"),
        ({"person": "nobody@example.com"}, "This user does not exist"),
        ({"ends_at": "soon"}, "Enter a date and a time"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
    ],
)
def test_an_error_is_shown_at_its_field_and_the_input_is_kept(
    owner: Browser, people: People, anna: UserOut, sales: UUID, changes: dict[str, str], words: str
) -> None:
    before = people.row_counts()
    fields = {"person": "anna.b"} | changes
    response = owner.post(f"/groups/{sales}/members", **fields)
    assert response.status_code == 422
    assert re.search(r'class="field-error" id="\w+-error">.*?' + re.escape(words), response.text, re.DOTALL)
    assert f'value="{fields["person"]}"' in response.text
    assert people.row_counts() == before


def test_an_existing_member_is_refused(owner: Browser, access: Access, anna: UserOut, sales: UUID) -> None:
    access.add_member(sales, anna.id)
    response = owner.post(f"/groups/{sales}/members", person="anna.b")
    assert response.status_code == 422
    assert re.search(r'id="person-error">.*?They are already in this group', response.text, re.DOTALL)


def test_a_member_can_be_removed(owner: Browser, access: Access, anna: UserOut, sales: UUID) -> None:
    membership = access.add_member(sales, anna.id)
    assert f"/groups/{sales}/members/{membership}/end" in owner.get(f"/groups/{sales}").text
    assert owner.post(f"/groups/{sales}/members/{membership}/end").status_code == 303
    assert "No one is in this group" in owner.get(f"/groups/{sales}").text


def test_posts_without_csrf_token_are_refused(
    owner: Browser, access: Access, people: People, anna: UserOut, sales: UUID
) -> None:
    membership = access.add_member(sales, people.create().id)
    before = people.row_counts()
    assert owner.client.post(f"/groups/{sales}/members", data={"person": "anna.b"}).status_code == 400
    assert owner.client.post(f"/groups/{sales}/members/{membership}/end").status_code == 400
    assert people.row_counts() == before


def test_a_user_without_permissions_is_refused(member: Browser, sales: UUID) -> None:
    assert member.post(f"/groups/{sales}/members", person="member@example.com").status_code == 403


def test_a_member_who_cannot_be_removed_shows_an_error(
    access: Access, people: People, anna: UserOut, sales: UUID
) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    access.grant(AUDITOR, group_id=sales)
    membership, browser = access.add_member(sales, anna.id), access.browser_of(someone)
    before = people.row_counts()
    response = browser.post(f"/groups/{sales}/members/{membership}/end")
    assert (response.status_code, response.location) == (303, f"/groups/{sales}")
    assert "You cannot give permissions you do not have" in browser.get(response.location).text
    assert people.row_counts() == before
