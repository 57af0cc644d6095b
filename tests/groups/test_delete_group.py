"""Delete a group and undo it."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import AUDITOR

pytestmark = pytest.mark.one_engine


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


def test_the_confirmation_shows_how_many_people_are_affected(
    owner: Browser, access: Access, people: People, sales: UUID
) -> None:
    for number in range(2):
        access.add_member(sales, people.create(name=f"Seller {number}").id)
    access.grant(AUDITOR, group_id=sales)
    page = re.sub(r"<[^>]+>", "", html.unescape(owner.get(f"/groups/{sales}/deletion").text))
    assert "2 people will no longer be members. Their accounts stay." in page
    assert "They will lose the roles of this group: Auditor" in page


def test_the_confirmation_of_an_empty_group_says_so(owner: Browser, sales: UUID) -> None:
    assert "The group has no members" in owner.get(f"/groups/{sales}/deletion").text


def test_a_group_with_subgroups_cannot_be_deleted(owner: Browser, access: Access, sales: UUID) -> None:
    access.group("Sales north", parent_id=sales)
    page = owner.get(f"/groups/{sales}/deletion").text
    assert "This group contains other groups." in page
    assert "Sales north" in page
    assert "Delete group</button>" not in page
    assert owner.post(f"/groups/{sales}/deletion").status_code == 422
    assert owner.get(f"/groups/{sales}").status_code == 200


def test_a_deleted_group_gives_no_permissions(owner: Browser, access: Access, sales: UUID) -> None:
    someone = access.person("Clara")
    access.add_member(sales, someone.id)
    access.grant(AUDITOR, group_id=sales)
    assert owner.post(f"/groups/{sales}/deletion").status_code == 303
    assert access.powers_of(someone.id).everywhere == frozenset()
    assert owner.get(f"/groups/{sales}").status_code == 404


def test_the_message_offers_to_undo_the_deletion(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    anna = people.create(name="Anna")
    access.add_member(sales, anna.id)
    response = owner.post(f"/groups/{sales}/deletion")
    page = owner.get(response.location).text
    form = re.search(r'<form method="post"\s+action="([^"]+)"(?:(?!</form>).)*notice-button.*?</form>', page, re.DOTALL)
    assert form
    assert "csrf_token" in form[0]
    assert owner.post(form[1]).status_code == 303
    assert "Anna" in owner.get(f"/groups/{sales}").text


def test_a_post_without_csrf_token_is_refused(owner: Browser, sales: UUID) -> None:
    assert owner.client.post(f"/groups/{sales}/deletion").status_code == 400
    assert owner.get(f"/groups/{sales}").status_code == 200


def test_a_member_is_refused(member: Browser, sales: UUID) -> None:
    assert member.get(f"/groups/{sales}/deletion").status_code == 403
    assert member.post(f"/groups/{sales}/deletion").status_code == 403
    assert member.post(f"/groups/{sales}/restoration").status_code == 403
