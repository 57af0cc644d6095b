"""Giving everybody in a group a role, and taking it back."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, OWNER
from webapp.core.permissions import Permission


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


def test_the_page_says_for_how_many_at_once(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    assert "No one is in this group yet." in owner.get(f"/groups/{sales}/roles/new").text
    access.add_member(sales, people.create(name="Anna").id)
    access.add_member(access.group("Sales north", parent_id=sales), people.create(name="Boris").id)
    page = html.unescape(owner.get(f"/groups/{sales}/roles/new").text)
    assert "2 people get the role immediately, including members of groups inside." in page


def test_everybody_in_it_has_it(owner: Browser, access: Access, sales: UUID) -> None:
    clara, shop = access.person("Clara"), access.group("Shop")
    access.add_member(sales, clara.id)
    assert owner.post(f"/groups/{sales}/roles", role=AUDITOR, within="").status_code == 303
    assert owner.post(f"/groups/{sales}/roles", role=HELPDESK, within=shop).status_code == 303
    powers = access.powers_of(clara.id)
    assert Permission.AUDIT_READ in powers.everywhere
    assert powers.reach(Permission.USERS_EDIT) == {shop}
    assert owner.get(f"/groups/{sales}").text.count(">Remove<") == 3, "the member and both roles"


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role": ""}, "Choose a role"),
        ({"role": "nonsense"}, "This role does not exist"),
        ({"role": OWNER}, "Only a user can be an owner"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
    ],
)
def test_a_refusal_is_beside_its_field_and_keeps_what_was_chosen(
    owner: Browser, access: Access, people: People, sales: UUID, given: dict[str, object], words: str
) -> None:
    shop, before = access.group("Shop"), people.row_counts()
    answer = owner.post(f"/groups/{sales}/roles", **{"role": AUDITOR, "within": shop} | given)
    assert answer.status_code == 422
    assert re.search(r'class="field-error" id="grant-\w+-error">.*?' + re.escape(words), answer.text, re.DOTALL)
    assert f'<option selected value="{shop}">' in answer.text
    assert people.row_counts() == before


def test_nobody_gives_what_they_do_not_hold(access: Access, people: People, sales: UUID) -> None:
    someone, own = access.person("Clara"), access.role("Eraser", "users.purge")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    before = people.row_counts()
    answer = access.browser_of(someone).post(f"/groups/{sales}/roles", role=own, within="")
    assert (answer.status_code, "You cannot give permissions you do not have" in answer.text) == (422, True)
    assert people.row_counts()["role_grants"] == before["role_grants"]


def test_it_can_be_taken_back(owner: Browser, access: Access, sales: UUID) -> None:
    clara = access.person("Clara")
    access.add_member(sales, clara.id)
    grant = access.grant(AUDITOR, group_id=sales)
    assert owner.post(f"/groups/{sales}/roles/{grant}/end").status_code == 303
    assert access.powers_of(clara.id).everywhere == frozenset()
    assert "This group gives no roles." in owner.get(f"/groups/{sales}").text


def test_both_take_a_csrf_token(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    grant = access.grant(AUDITOR, group_id=sales)
    before = people.row_counts()
    assert owner.client.post(f"/groups/{sales}/roles", data={"role": str(HELPDESK)}).status_code == 400
    assert owner.client.post(f"/groups/{sales}/roles/{grant}/end").status_code == 400
    assert people.row_counts() == before


def test_who_manages_the_group_gives_it_no_roles(access: Access, sales: UUID) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = access.browser_of(someone)
    assert "roles/new" not in browser.get(f"/groups/{sales}").text
    assert browser.get(f"/groups/{sales}/roles/new").status_code == 403
    assert browser.post(f"/groups/{sales}/roles", role=GROUP_OWNER, within=sales).status_code == 403


def test_a_member_may_not(member: Browser, sales: UUID) -> None:
    assert member.post(f"/groups/{sales}/roles", role=AUDITOR).status_code == 403


def test_what_may_not_be_taken_back_is_said_on_the_page(access: Access, people: People, sales: UUID) -> None:
    someone, own = access.person("Clara"), access.role("Eraser", "users.purge")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    grant, browser = access.grant(own, group_id=sales), access.browser_of(someone)
    before = people.row_counts()
    answer = browser.post(f"/groups/{sales}/roles/{grant}/end")
    assert (answer.status_code, answer.location) == (303, f"/groups/{sales}")
    assert "You cannot give permissions you do not have" in browser.get(answer.location).text
    assert people.row_counts() == before
