"""Giving everybody in a group a role, and taking it back."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.browser_session import Browser
from tests.factories import People
from tests.house import House
from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, OWNER
from webapp.core.permissions import Permission


@pytest.fixture
def sales(house: House) -> UUID:
    return house.group("Sales")


def test_the_page_says_for_how_many_at_once(owner: Browser, house: House, people: People, sales: UUID) -> None:
    assert "Nobody is in this group yet." in owner.get(f"/groups/{sales}/roles/new").text
    house.join(sales, people.create(name="Anna").id)
    house.join(house.group("Sales north", parent_id=sales), people.create(name="Boris").id)
    page = html.unescape(owner.get(f"/groups/{sales}/roles/new").text)
    assert "2 people have the role at once, also those in the groups inside." in page


def test_everybody_in_it_has_it(owner: Browser, house: House, sales: UUID) -> None:
    clara, shop = house.someone("Clara"), house.group("Shop")
    house.join(sales, clara.id)
    assert owner.post(f"/groups/{sales}/roles", role=AUDITOR, within="").status_code == 303
    assert owner.post(f"/groups/{sales}/roles", role=HELPDESK, within=shop).status_code == 303
    powers = house.powers(clara.id)
    assert Permission.AUDIT_READ in powers.everywhere
    assert powers.reach(Permission.USERS_EDIT) == {shop}
    assert owner.get(f"/groups/{sales}").text.count("Take back") == 2


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role": ""}, "Choose a role."),
        ({"role": "nonsense"}, "There is no such role."),
        ({"role": OWNER}, "Only a person can be an owner"),
        ({"ends_at": "2020-01-01T10:00"}, "The end lies before the start."),
    ],
)
def test_a_refusal_is_beside_its_field_and_keeps_what_was_chosen(
    owner: Browser, house: House, people: People, sales: UUID, given: dict[str, object], words: str
) -> None:
    shop, before = house.group("Shop"), people.everything()
    answer = owner.post(f"/groups/{sales}/roles", **{"role": AUDITOR, "within": shop} | given)
    assert answer.status_code == 422
    assert re.search(r'class="field-error" id="grant-\w+-error">.*?' + re.escape(words), answer.text, re.DOTALL)
    assert f'<option selected value="{shop}">' in answer.text
    assert people.everything() == before


def test_nobody_gives_what_they_do_not_hold(house: House, people: People, sales: UUID) -> None:
    someone, own = house.someone("Clara"), house.role("Eraser", "users.purge")
    house.grant(ADMINISTRATOR, user_id=someone.id)
    before = people.everything()
    answer = house.browser_of(someone).post(f"/groups/{sales}/roles", role=own, within="")
    assert (answer.status_code, "Nobody can give what they do not hold" in answer.text) == (422, True)
    assert people.everything()["role_grants"] == before["role_grants"]


def test_it_can_be_taken_back(owner: Browser, house: House, sales: UUID) -> None:
    clara = house.someone("Clara")
    house.join(sales, clara.id)
    grant = house.grant(AUDITOR, group_id=sales)
    assert owner.post(f"/groups/{sales}/roles/{grant}/end").status_code == 303
    assert house.powers(clara.id).everywhere == frozenset()
    assert "Being in this group gives nobody a role." in owner.get(f"/groups/{sales}").text


def test_both_take_a_csrf_token(owner: Browser, house: House, people: People, sales: UUID) -> None:
    grant = house.grant(AUDITOR, group_id=sales)
    before = people.everything()
    assert owner.client.post(f"/groups/{sales}/roles", data={"role": str(HELPDESK)}).status_code == 400
    assert owner.client.post(f"/groups/{sales}/roles/{grant}/end").status_code == 400
    assert people.everything() == before


def test_who_manages_the_group_gives_it_no_roles(house: House, sales: UUID) -> None:
    someone = house.someone("Clara")
    house.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = house.browser_of(someone)
    assert "roles/new" not in browser.get(f"/groups/{sales}").text
    assert browser.get(f"/groups/{sales}/roles/new").status_code == 403
    assert browser.post(f"/groups/{sales}/roles", role=GROUP_OWNER, within=sales).status_code == 403


def test_a_member_may_not(member: Browser, sales: UUID) -> None:
    assert member.post(f"/groups/{sales}/roles", role=AUDITOR).status_code == 403


def test_what_may_not_be_taken_back_is_said_on_the_page(house: House, people: People, sales: UUID) -> None:
    someone, own = house.someone("Clara"), house.role("Eraser", "users.purge")
    house.grant(ADMINISTRATOR, user_id=someone.id)
    grant, browser = house.grant(own, group_id=sales), house.browser_of(someone)
    before = people.everything()
    answer = browser.post(f"/groups/{sales}/roles/{grant}/end")
    assert (answer.status_code, answer.location) == (303, f"/groups/{sales}")
    assert "Nobody can give what they do not hold themselves" in browser.get(answer.location).text
    assert people.everything() == before
