"""Deleting a group, and taking that back."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import AUDITOR


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


def test_a_page_says_what_will_happen(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    for number in range(2):
        access.add_member(sales, people.create(name=f"Seller {number}").id)
    access.grant(AUDITOR, group_id=sales)
    page = re.sub(r"<[^>]+>", "", html.unescape(owner.get(f"/groups/{sales}/deletion").text))
    assert "2 people will no longer be members. Their accounts stay." in page
    assert "They will lose the roles of this group: Auditor" in page


def test_an_empty_one_is_told_to_be_empty(owner: Browser, sales: UUID) -> None:
    assert "The group has no members" in owner.get(f"/groups/{sales}/deletion").text


def test_one_with_groups_inside_is_not_offered_to_be_deleted(owner: Browser, access: Access, sales: UUID) -> None:
    access.group("Sales north", parent_id=sales)
    page = owner.get(f"/groups/{sales}/deletion").text
    assert "This group contains other groups." in page
    assert "Sales north" in page
    assert "Delete group</button>" not in page
    assert owner.post(f"/groups/{sales}/deletion").status_code == 422
    assert owner.get(f"/groups/{sales}").status_code == 200


def test_it_gives_nobody_anything_any_more(owner: Browser, access: Access, sales: UUID) -> None:
    someone = access.person("Clara")
    access.add_member(sales, someone.id)
    access.grant(AUDITOR, group_id=sales)
    assert owner.post(f"/groups/{sales}/deletion").status_code == 303
    assert access.powers_of(someone.id).everywhere == frozenset()
    assert owner.get(f"/groups/{sales}").status_code == 404


def test_the_message_takes_it_back(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    anna = people.create(name="Anna")
    access.add_member(sales, anna.id)
    answer = owner.post(f"/groups/{sales}/deletion")
    page = owner.get(answer.location).text
    form = re.search(r'<form method="post"\s+action="([^"]+)"(?:(?!</form>).)*notice-button.*?</form>', page, re.DOTALL)
    assert form
    assert "csrf_token" in form[0]
    assert owner.post(form[1]).status_code == 303
    assert "Anna" in owner.get(f"/groups/{sales}").text


def test_it_takes_a_csrf_token(owner: Browser, sales: UUID) -> None:
    assert owner.client.post(f"/groups/{sales}/deletion").status_code == 400
    assert owner.get(f"/groups/{sales}").status_code == 200


def test_a_member_may_not(member: Browser, sales: UUID) -> None:
    assert member.get(f"/groups/{sales}/deletion").status_code == 403
    assert member.post(f"/groups/{sales}/deletion").status_code == 403
    assert member.post(f"/groups/{sales}/restoration").status_code == 403
