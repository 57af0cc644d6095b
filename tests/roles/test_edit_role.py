"""Changing a role, and with it what everybody may do who has it."""

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


def test_the_form_holds_what_is_saved_and_says_whom_it_changes(
    owner: Browser, access: Access, people: People, payroll: UUID
) -> None:
    for number in range(2):
        access.grant(payroll, user_id=people.create(name=f"Clerk {number}").id)
    page = owner.get(f"/roles/{payroll}/edit").text
    assert 'value="Payroll"' in page
    assert "Changes apply immediately to 2 people with this role" in page
    access.grant(payroll, group_id=access.group("Finance"))
    assert "2 people with this role and to everyone in 1 group." in owner.get(f"/roles/{payroll}/edit").text


def test_a_change_counts_at_once(owner: Browser, access: Access, payroll: UUID) -> None:
    someone = access.person("Clara")
    access.grant(payroll, user_id=someone.id)
    assert owner.post(f"/roles/{payroll}", **CHANGED).status_code == 303
    assert [str(permission) for permission in access.powers_of(someone.id).everywhere] == ["users.read"]
    assert "Paymasters" in owner.get(f"/roles/{payroll}").text


def test_two_who_change_it_do_not_overwrite_each_other(owner: Browser, payroll: UUID) -> None:
    owner.post(f"/roles/{payroll}", **CHANGED)
    answer = owner.post(f"/roles/{payroll}", **CHANGED | {"name": "Third"})
    assert answer.status_code == 422
    assert "Someone else changed this role" in answer.text
    assert 'value="Third"' in answer.text
    assert f'href="/roles/{payroll}/edit"' in answer.text
    assert "Paymasters" in owner.get(f"/roles/{payroll}").text


def test_a_refusal_keeps_what_was_typed(owner: Browser, payroll: UUID) -> None:
    answer = owner.post(f"/roles/{payroll}", **CHANGED | {"name": "Owner", "description": "Typed"})
    assert (answer.status_code, "A role with this name already exists" in answer.text) == (422, True)
    assert "Typed" in answer.text


def test_a_built_in_role_stays_as_it_is(owner: Browser) -> None:
    answer = owner.post(f"/roles/{HELPDESK}", **CHANGED)
    assert answer.status_code == 422
    assert "You cannot change built-in roles." in answer.text
    assert "/edit" not in owner.get(f"/roles/{HELPDESK}").text


def test_it_takes_a_csrf_token(owner: Browser, payroll: UUID) -> None:
    assert owner.client.post(f"/roles/{payroll}", data=CHANGED).status_code == 400


def test_a_member_may_not(member: Browser, payroll: UUID) -> None:
    assert member.get(f"/roles/{payroll}/edit").status_code == 403
    assert member.post(f"/roles/{payroll}", **CHANGED).status_code == 403
