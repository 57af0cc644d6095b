"""Delete a role and undo it."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People

pytestmark = pytest.mark.one_engine


@pytest.fixture
def payroll(access: Access) -> UUID:
    return access.role("Payroll", "users.read", "users.export")


def test_the_confirmation_shows_how_many_people_lose_the_role(
    owner: Browser, access: Access, people: People, payroll: UUID
) -> None:
    access.grant(payroll, user_id=people.create().id)
    access.grant(payroll, group_id=access.group("Finance"))
    page = html.unescape(owner.get(f"/roles/{payroll}/deletion").text)
    assert "1 person will lose its permissions immediately." in page
    assert "Everyone in 1 group will lose it too." in page


def test_the_confirmation_of_an_unused_role_says_so(owner: Browser, payroll: UUID) -> None:
    assert "No one has this role." in owner.get(f"/roles/{payroll}/deletion").text


def test_a_deleted_role_gives_no_permissions(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    assert owner.post(f"/roles/{payroll}/deletion").status_code == 303
    assert access.powers_of(someone.id).everywhere == frozenset()
    assert owner.get(f"/roles/{payroll}").status_code == 404


def test_the_message_offers_to_undo_the_deletion(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    response = owner.post(f"/roles/{payroll}/deletion")
    page = owner.get(response.location).text
    form = re.search(r'<form method="post"\s+action="([^"]+)"(?:(?!</form>).)*notice-button.*?</form>', page, re.DOTALL)
    assert form
    assert "csrf_token" in form[0]
    assert owner.post(form[1]).status_code == 303
    assert len(access.powers_of(someone.id).everywhere) == 2


def test_a_post_without_csrf_token_is_refused(owner: Browser, payroll: UUID) -> None:
    assert owner.client.post(f"/roles/{payroll}/deletion").status_code == 400
    assert owner.get(f"/roles/{payroll}").status_code == 200


def test_a_member_is_refused(member: Browser, payroll: UUID) -> None:
    assert member.get(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/deletion").status_code == 403
    assert member.post(f"/roles/{payroll}/restoration").status_code == 403


def test_people_who_can_only_manage_roles_are_redirected_to_pages_they_can_see(access: Access) -> None:
    someone = access.person("Clara")
    access.grant(access.role("Maker", "roles.manage"), user_id=someone.id)
    browser = access.browser_of(someone)
    created = browser.post("/roles", name="Nothing")
    assert (created.status_code, browser.get(created.location).status_code) == (303, 200)
    empty_role = access.role("Empty")
    deleted = browser.post(f"/roles/{empty_role}/deletion")
    page = browser.get(deleted.location)
    assert (deleted.status_code, page.status_code) == (303, 200)
    assert "Role Empty deleted" in page.text
