"""Deleting a role, and taking that back."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.browser_session import Browser
from tests.factories import People
from tests.house import House


@pytest.fixture
def payroll(house: House) -> UUID:
    return house.role("Payroll", "users.read", "users.export")


def test_a_page_says_what_will_happen(owner: Browser, house: House, people: People, payroll: UUID) -> None:
    house.grant(payroll, user_id=people.create().id)
    house.grant(payroll, group_id=house.group("Finance"))
    page = html.unescape(owner.get(f"/roles/{payroll}/deletion").text)
    assert "1 person loses what it allows, at once." in page
    assert "Everybody in 1 group loses it too." in page


def test_it_says_so_when_nobody_loses_anything(owner: Browser, payroll: UUID) -> None:
    assert "nobody loses anything" in owner.get(f"/roles/{payroll}/deletion").text


def test_who_had_it_may_do_nothing_by_it(owner: Browser, house: House, payroll: UUID) -> None:
    someone = house.someone("Clara")
    house.grant(payroll, user_id=someone.id)
    assert owner.post(f"/roles/{payroll}/deletion").status_code == 303
    assert house.powers(someone.id).everywhere == frozenset()
    assert owner.get(f"/roles/{payroll}").status_code == 404


def test_the_message_takes_it_back(owner: Browser, house: House, payroll: UUID) -> None:
    someone = house.someone("Clara")
    house.grant(payroll, user_id=someone.id)
    answer = owner.post(f"/roles/{payroll}/deletion")
    page = owner.get(answer.location).text
    form = re.search(r'<form method="post"\s+action="([^"]+)"(?:(?!</form>).)*notice-button.*?</form>', page, re.DOTALL)
    assert form
    assert "csrf_token" in form[0]
    assert owner.post(form[1]).status_code == 303
    assert len(house.powers(someone.id).everywhere) == 2


def test_it_takes_a_csrf_token(owner: Browser, payroll: UUID) -> None:
    assert owner.client.post(f"/roles/{payroll}/deletion").status_code == 400
    assert owner.get(f"/roles/{payroll}").status_code == 200


def test_a_member_may_not(member: Browser, payroll: UUID) -> None:
    assert member.get(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/restoration").status_code == 403


def test_who_may_make_roles_and_not_give_them_comes_to_a_page_that_they_may_see(house: House) -> None:
    someone = house.someone("Clara")
    house.grant(house.role("Maker", "roles.manage"), user_id=someone.id)
    browser = house.browser_of(someone)
    made = browser.post("/roles", name="Nothing")
    assert (made.status_code, browser.get(made.location).status_code) == (303, 200)
    nothing = house.role("Empty")
    gone = browser.post(f"/roles/{nothing}/deletion")
    page = browser.get(gone.location)
    assert (gone.status_code, page.status_code) == (303, 200)
    assert "The role Empty was deleted" in page.text
