"""Changing a group, and where it is."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from webapp.access.models import GROUP_OWNER

CHANGED = {"version": 1, "name": "Vertrieb", "description": "Sells.", "parent_id": ""}


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales", parent_id=access.group("Northwind"))


def chosen(page: str) -> str:
    """What the group is inside of, as the form says."""
    return "".join(re.findall(r'<option selected value="[^"]*">([^<]+)', page))


def test_the_form_holds_what_is_saved(owner: Browser, sales: UUID) -> None:
    page = owner.get(f"/groups/{sales}/edit")
    assert page.status_code == 200
    assert 'value="Sales"' in page.text
    assert chosen(page.text) == "Northwind"
    assert f'value="{sales}"' not in page.text


def test_changes_are_saved(owner: Browser, sales: UUID) -> None:
    assert owner.post(f"/groups/{sales}", **CHANGED).status_code == 303
    page = owner.get(f"/groups/{sales}").text
    assert "Vertrieb" in page
    assert "Northwind" not in page


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("given", "words"),
    [({"name": " "}, "Enter a name"), ({"name": "Northwind"}, "A group with this name already exists")],
)
def test_a_refusal_keeps_what_was_typed(owner: Browser, sales: UUID, given: dict[str, str], words: str) -> None:
    answer = owner.post(f"/groups/{sales}", **CHANGED | given)
    assert (answer.status_code, words in answer.text, "Sells." in answer.text) == (422, True, True)


def test_a_circle_is_refused_beside_the_field(owner: Browser, access: Access, sales: UUID) -> None:
    inner = access.group("Sales north", parent_id=sales)
    answer = owner.post(f"/groups/{sales}", **CHANGED | {"parent_id": inner})
    assert answer.status_code == 422
    assert re.search(r'id="parent_id-error">.*?A group cannot be part of itself', answer.text, re.DOTALL)


def test_it_moves_with_what_is_inside(owner: Browser, access: Access, sales: UUID) -> None:
    access.group("Sales north", parent_id=sales)
    finance = access.group("Finance")
    assert owner.post(f"/groups/{sales}", **CHANGED | {"parent_id": finance}).status_code == 303
    assert "Finance" in owner.get(f"/groups/{sales}").text


def test_two_who_change_it_do_not_overwrite_each_other(owner: Browser, sales: UUID) -> None:
    owner.post(f"/groups/{sales}", **CHANGED)
    answer = owner.post(f"/groups/{sales}", **CHANGED | {"name": "Third"})
    assert answer.status_code == 422
    assert "Someone else changed this group" in answer.text
    assert 'value="Third"' in answer.text
    assert f'href="/groups/{sales}/edit"' in answer.text


def test_who_manages_it_alone_leaves_it_where_it_is(access: Access, sales: UUID) -> None:
    """The group around is not theirs, and still is what the form holds: it moves nowhere by saving a description."""
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = access.browser_of(someone)
    page = browser.get(f"/groups/{sales}/edit").text
    assert chosen(page) == "Northwind"
    parent = re.search(r'<option selected value="([^"]+)"', page)
    assert parent
    assert browser.post(f"/groups/{sales}", **CHANGED | {"parent_id": parent[1]}).status_code == 303


def test_it_takes_a_csrf_token(owner: Browser, sales: UUID) -> None:
    assert owner.client.post(f"/groups/{sales}", data=CHANGED).status_code == 400


def test_a_member_may_not(member: Browser, sales: UUID) -> None:
    assert member.get(f"/groups/{sales}/edit").status_code == 403
    assert member.post(f"/groups/{sales}", **CHANGED).status_code == 403
