"""Owners of a group: people with the role Group owner within it."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import GROUP_OWNER, HELPDESK
from webapp.core.permissions import Permission
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna Berg", email="anna@example.com")


def test_a_person_becomes_owner_of_a_group_and_manages_it(
    owner: Browser, access: Access, sales: UUID, anna: UserOut
) -> None:
    response = owner.post(f"/groups/{sales}/owners", owner="Anna Berg")
    assert (response.status_code, response.location) == (303, f"/groups/{sales}")
    assert "Anna Berg is an owner of the group now" in owner.get(f"/groups/{sales}").text
    assert access.powers_of(anna.id).reach(Permission.GROUPS_MANAGE) == frozenset({sales})
    assert "role.granted" in owner.get("/audit?action=role.granted").text


def test_an_owner_is_removed_and_the_removal_undone(owner: Browser, access: Access, sales: UUID, anna: UserOut) -> None:
    grant = access.grant(GROUP_OWNER, user_id=anna.id, scope_id=sales)
    assert owner.post(f"/groups/{sales}/owners/{grant}/end").status_code == 303
    assert access.powers_of(anna.id).reach(Permission.GROUPS_MANAGE) == frozenset()
    undo = re.search(r'action="(/audit/[^"]+/undo)"', owner.get(f"/groups/{sales}").text)
    assert undo
    assert owner.post(undo[1]).status_code == 303
    assert access.powers_of(anna.id).reach(Permission.GROUPS_MANAGE) == frozenset({sales})


def test_a_grant_within_another_group_is_not_ended(
    owner: Browser, access: Access, people: People, sales: UUID, anna: UserOut
) -> None:
    grant = access.grant(GROUP_OWNER, user_id=anna.id, scope_id=access.group("Finance"))
    before = people.row_counts()
    assert owner.post(f"/groups/{sales}/owners/{grant}/end").status_code == 404
    assert owner.post(f"/groups/{sales}/owners/{uuid4()}/end").status_code == 404
    assert people.row_counts() == before


def test_an_owner_twice_is_refused(owner: Browser, access: Access, people: People, sales: UUID, anna: UserOut) -> None:
    access.grant(GROUP_OWNER, user_id=anna.id, scope_id=sales)
    before = people.row_counts()
    refused = owner.post(f"/groups/{sales}/owners", owner="anna@example.com")
    assert refused.status_code == 422
    assert re.search(r'id="owner-error">.*?They already have this role', refused.text, re.DOTALL)
    assert people.row_counts() == before


@pytest.mark.parametrize("text", ["", "nobody@example.com", "\x00", "\u202e", "😀", "x" * 10_000, "Анна" * 2500])
def test_odd_texts_are_refused_beside_the_field(owner: Browser, people: People, sales: UUID, text: str) -> None:
    before = people.row_counts()
    refused = owner.post(f"/groups/{sales}/owners", owner=text)
    assert refused.status_code == 422
    assert 'id="owner-error"' in refused.text
    assert people.row_counts() == before


@pytest.mark.parametrize("role", [None, GROUP_OWNER, HELPDESK])
def test_people_who_cannot_grant_roles_are_refused(
    access: Access, people: People, sales: UUID, anna: UserOut, role: UUID | None
) -> None:
    someone = access.person("Clara")
    if role:
        access.grant(role, user_id=someone.id, scope_id=sales)
    before = people.row_counts()
    browser = access.browser_of(someone)
    assert browser.post(f"/groups/{sales}/owners", owner="anna@example.com").status_code == 403
    page = browser.get(f"/groups/{sales}")
    assert page.status_code == (200 if role else 403)
    assert "Make group owner" not in page.text
    assert people.row_counts()["role_grants"] == before["role_grants"]
