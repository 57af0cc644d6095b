"""Deleting a role, and taking that back."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People


@pytest.fixture
def payroll(access: Access) -> UUID:
    return access.role("Payroll", "users.read", "users.export")


def test_a_page_says_what_will_happen(owner: Browser, access: Access, people: People, payroll: UUID) -> None:
    access.grant(payroll, user_id=people.create().id)
    access.grant(payroll, group_id=access.group("Finance"))
    page = html.unescape(owner.get(f"/roles/{payroll}/deletion").text)
    assert "1 person will lose its permissions immediately." in page
    assert "Everyone in 1 group will lose it too." in page


def test_it_says_so_when_nobody_loses_anything(owner: Browser, payroll: UUID) -> None:
    assert "No one has this role." in owner.get(f"/roles/{payroll}/deletion").text


def test_who_had_it_may_do_nothing_by_it(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    assert owner.post(f"/roles/{payroll}/deletion").status_code == 303
    assert access.powers_of(someone.id).everywhere == frozenset()
    assert owner.get(f"/roles/{payroll}").status_code == 404


def test_the_message_takes_it_back(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    answer = owner.post(f"/roles/{payroll}/deletion")
    page = owner.get(answer.location).text
    form = re.search(r'<form method="post"\s+action="([^"]+)"(?:(?!</form>).)*notice-button.*?</form>', page, re.DOTALL)
    assert form
    assert "csrf_token" in form[0]
    assert owner.post(form[1]).status_code == 303
    assert len(access.powers_of(someone.id).everywhere) == 2


def test_it_takes_a_csrf_token(owner: Browser, payroll: UUID) -> None:
    assert owner.client.post(f"/roles/{payroll}/deletion").status_code == 400
    assert owner.get(f"/roles/{payroll}").status_code == 200


def test_a_member_may_not(member: Browser, payroll: UUID) -> None:
    assert member.get(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/restoration").status_code == 403


def test_who_may_make_roles_and_not_give_them_comes_to_a_page_that_they_may_see(access: Access) -> None:
    someone = access.person("Clara")
    access.grant(access.role("Maker", "roles.manage"), user_id=someone.id)
    browser = access.browser_of(someone)
    made = browser.post("/roles", name="Nothing")
    assert (made.status_code, browser.get(made.location).status_code) == (303, 200)
    nothing = access.role("Empty")
    gone = browser.post(f"/roles/{nothing}/deletion")
    page = browser.get(gone.location)
    assert (gone.status_code, page.status_code) == (303, 200)
    assert "Role Empty deleted" in page.text
