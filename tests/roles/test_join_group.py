"""Add a user to a group on their page, and remove them."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import AUDITOR, GROUP_OWNER
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna")


@pytest.fixture
def finance(access: Access) -> UUID:
    return access.group("Finance")


def test_a_new_member_has_the_roles_of_the_group(owner: Browser, access: Access, anna: UserOut, finance: UUID) -> None:
    access.grant(AUDITOR, group_id=finance)
    assert owner.post(f"/users/{anna.id}/groups", group=finance).status_code == 303
    assert access.powers_of(anna.id).everywhere
    assert "Finance" in owner.get(f"/users/{anna.id}/access").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"group": ""}, "Choose a group"),
        ({"group": "nonsense"}, "This group does not exist"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
    ],
)
def test_an_error_is_shown_at_its_field(
    owner: Browser, people: People, anna: UserOut, finance: UUID, changes: dict[str, object], words: str
) -> None:
    before = people.row_counts()
    response = owner.post(f"/users/{anna.id}/groups", **{"group": finance} | changes)
    assert response.status_code == 422
    assert re.search(r'class="field-error" id="join-\w+-error">.*?' + re.escape(words), response.text, re.DOTALL)
    assert people.row_counts() == before


def test_a_group_that_the_user_is_in_is_refused(owner: Browser, access: Access, anna: UserOut, finance: UUID) -> None:
    access.add_member(finance, anna.id)
    response = owner.post(f"/users/{anna.id}/groups", group=finance)
    assert response.status_code == 422
    assert re.search(r'id="join-group-error">.*?They are already in this group', response.text, re.DOTALL)


def test_a_member_can_be_removed(owner: Browser, access: Access, anna: UserOut, finance: UUID) -> None:
    membership = access.add_member(finance, anna.id)
    assert owner.post(f"/users/{anna.id}/groups/{membership}/end").status_code == 303
    assert "No groups" in owner.get(f"/users/{anna.id}/access").text


def test_posts_without_csrf_token_are_refused(
    owner: Browser, access: Access, people: People, anna: UserOut, finance: UUID
) -> None:
    membership = access.add_member(finance, people.create().id)
    before = people.row_counts()
    assert owner.client.post(f"/users/{anna.id}/groups", data={"group": str(finance)}).status_code == 400
    assert owner.client.post(f"/users/{anna.id}/groups/{membership}/end").status_code == 400
    assert people.row_counts() == before


def test_a_member_is_refused(member: Browser, anna: UserOut, finance: UUID) -> None:
    assert member.post(f"/users/{anna.id}/groups", group=finance).status_code == 403


def test_a_membership_that_cannot_be_removed_shows_an_error(
    access: Access, people: People, anna: UserOut, finance: UUID
) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=finance)
    access.grant(AUDITOR, group_id=finance)
    membership, browser = access.add_member(finance, anna.id), access.browser_of(someone)
    before = people.row_counts()
    response = browser.post(f"/users/{anna.id}/groups/{membership}/end")
    assert (response.status_code, response.location) == (303, f"/users/{anna.id}/access")
    assert "You cannot give permissions you do not have" in browser.get(response.location).text
    assert people.row_counts() == before
