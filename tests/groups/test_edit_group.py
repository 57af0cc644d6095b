"""Edit a group and move it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from webapp.access.models import GROUP_OWNER

pytestmark = pytest.mark.one_engine

CHANGED = {"version": 1, "name": "Vertrieb", "description": "Sells.", "parent_id": ""}


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales", parent_id=access.group("Northwind"))


def chosen(page: str) -> str:
    """Return the parent group that is selected in the form."""
    return "".join(re.findall(r'<option selected value="[^"]*">([^<]+)', page))


def test_the_form_shows_the_group(owner: Browser, sales: UUID) -> None:
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"name": " "}, "Enter a name"), ({"name": "Northwind"}, "A group with this name already exists")],
)
def test_invalid_input_is_kept(owner: Browser, sales: UUID, changes: dict[str, str], words: str) -> None:
    response = owner.post(f"/groups/{sales}", **CHANGED | changes)
    assert (response.status_code, words in response.text, "Sells." in response.text) == (422, True, True)


def test_a_cycle_is_refused(owner: Browser, access: Access, sales: UUID) -> None:
    inner = access.group("Sales north", parent_id=sales)
    response = owner.post(f"/groups/{sales}", **CHANGED | {"parent_id": inner})
    assert response.status_code == 422
    assert re.search(r'id="parent_id-error">.*?A group cannot be part of itself', response.text, re.DOTALL)


def test_a_group_moves_with_its_subgroups(owner: Browser, access: Access, sales: UUID) -> None:
    access.group("Sales north", parent_id=sales)
    finance = access.group("Finance")
    assert owner.post(f"/groups/{sales}", **CHANGED | {"parent_id": finance}).status_code == 303
    assert "Finance" in owner.get(f"/groups/{sales}").text


def test_a_stale_change_is_not_saved(owner: Browser, sales: UUID) -> None:
    owner.post(f"/groups/{sales}", **CHANGED)
    response = owner.post(f"/groups/{sales}", **CHANGED | {"name": "Third"})
    assert response.status_code == 409
    assert "Someone else saved other changes" in response.text
    assert 'value="Third"' in response.text


def test_a_change_by_a_group_owner_does_not_move_the_group(access: Access, sales: UUID) -> None:
    """The form keeps the parent group, which the group owner cannot see."""
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = access.browser_of(someone)
    page = browser.get(f"/groups/{sales}/edit").text
    assert chosen(page) == "Northwind"
    parent = re.search(r'<option selected value="([^"]+)"', page)
    assert parent
    assert browser.post(f"/groups/{sales}", **CHANGED | {"parent_id": parent[1]}).status_code == 303


def test_a_post_without_csrf_token_is_refused(owner: Browser, sales: UUID) -> None:
    assert owner.client.post(f"/groups/{sales}", data=CHANGED).status_code == 400


def test_a_member_is_refused(member: Browser, sales: UUID) -> None:
    assert member.get(f"/groups/{sales}/edit").status_code == 403
    assert member.post(f"/groups/{sales}", **CHANGED).status_code == 403
