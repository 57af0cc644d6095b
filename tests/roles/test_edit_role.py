"""Edit a role."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import HELPDESK

pytestmark = pytest.mark.one_engine

CHANGED = {"version": 1, "name": "Paymasters", "description": "", "permissions": ["users.read"]}


@pytest.fixture
def payroll(access: Access) -> UUID:
    return access.role("Payroll", "users.read", "users.export")


def test_the_form_shows_the_role_and_how_many_people_have_it(
    owner: Browser, access: Access, people: People, payroll: UUID
) -> None:
    for number in range(2):
        access.grant(payroll, user_id=people.create(name=f"Clerk {number}").id)
    page = owner.get(f"/roles/{payroll}/edit").text
    assert 'value="Payroll"' in page
    assert "Changes apply immediately to 2 people with this role" in page
    access.grant(payroll, group_id=access.group("Finance"))
    assert "2 people with this role and to everyone in 1 group." in owner.get(f"/roles/{payroll}/edit").text


def test_a_change_applies_immediately(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    assert owner.post(f"/roles/{payroll}", **CHANGED).status_code == 303
    assert [str(permission) for permission in access.powers_of(someone.id).everywhere] == ["users.read"]
    assert "Paymasters" in owner.get(f"/roles/{payroll}").text


def test_a_stale_change_is_not_saved(owner: Browser, payroll: UUID) -> None:
    owner.post(f"/roles/{payroll}", **CHANGED)
    response = owner.post(f"/roles/{payroll}", **CHANGED | {"name": "Third"})
    assert response.status_code == 409
    assert "Someone else saved other changes" in response.text
    assert 'value="Third"' in response.text
    assert "Paymasters" in owner.get(f"/roles/{payroll}").text


def test_invalid_input_is_kept(owner: Browser, payroll: UUID) -> None:
    response = owner.post(f"/roles/{payroll}", **CHANGED | {"name": "Owner", "description": "Typed"})
    assert (response.status_code, "A role with this name already exists" in response.text) == (422, True)
    assert "Typed" in response.text


def test_a_built_in_role_cannot_be_changed(owner: Browser) -> None:
    response = owner.post(f"/roles/{HELPDESK}", **CHANGED)
    assert response.status_code == 422
    assert "You cannot change built-in roles." in response.text
    assert "/edit" not in owner.get(f"/roles/{HELPDESK}").text


def test_a_post_without_csrf_token_is_refused(owner: Browser, payroll: UUID) -> None:
    assert owner.client.post(f"/roles/{payroll}", data=CHANGED).status_code == 400


def test_a_member_is_refused(member: Browser, payroll: UUID) -> None:
    assert member.get(f"/roles/{payroll}/edit").status_code == 403
    assert member.post(f"/roles/{payroll}", **CHANGED).status_code == 403
