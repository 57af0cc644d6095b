"""Create a group."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import GROUP_OWNER

pytestmark = pytest.mark.one_engine


def test_a_new_group_is_inside_its_parent(owner: Browser, access: Access) -> None:
    parent = access.group("Northwind")
    assert "Northwind" in owner.get("/groups/new").text
    response = owner.post("/groups", name="Sales", description="Sells.", parent_id=parent)
    assert response.status_code == 303
    page = owner.get(response.location).text
    for words in ("Sales", "Sells.", f'href="/groups/{parent}"'):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "northwind"}, "A group with this name already exists"),
        ({"description": "x" * 501}, "Use at most 500 characters"),
        ({"parent_id": "01a20c33-7cd6-70ee-b0a1-652ec903b536"}, "This group does not exist"),
        ({"parent_id": "no-id"}, "This group does not exist"),
    ],
)
def test_invalid_input_is_explained_and_kept(
    owner: Browser, access: Access, people: People, changes: dict[str, object], words: str
) -> None:
    parent = access.group("Northwind")
    before = people.row_counts()
    fields = {"name": "Sales", "description": "Sells.", "parent_id": parent} | changes
    response = owner.post("/groups", **fields)
    assert response.status_code == 422
    assert words in response.text
    assert str(fields["description"]) in response.text
    assert people.row_counts() == before


def test_a_group_owner_can_create_only_subgroups(access: Access, people: People) -> None:
    sales, someone = access.group("Sales"), access.person("Clara")
    access.group("Finance")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = access.browser_of(someone)
    page = browser.get("/groups/new").text
    assert "Not part of another group" not in page
    assert "Finance" not in page
    assert browser.post("/groups", name="Sales north", parent_id=sales).status_code == 303
    before = people.row_counts()
    assert browser.post("/groups", name="At the top", parent_id="").status_code == 422
    assert people.row_counts() == before


def test_a_post_without_csrf_token_is_refused(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/groups", data={"name": "Sales"}).status_code == 400
    assert people.row_counts() == before


def test_a_member_is_refused(member: Browser) -> None:
    assert (member.get("/groups/new").status_code, member.post("/groups", name="Sales").status_code) == (403, 403)


def test_all_problems_are_shown_at_once(owner: Browser, people: People) -> None:
    before = people.row_counts()
    for fields in ({"name": ""}, {}):
        response = owner.post("/groups", **fields, description="x" * 10_000)
        assert response.status_code == 422
        assert all(f'id="{field}-error"' in response.text for field in ("name", "description"))
    assert people.row_counts() == before
