"""Making a group."""

from __future__ import annotations

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import GROUP_OWNER


def test_it_is_there_inside_the_one_that_was_chosen(owner: Browser, access: Access) -> None:
    whole = access.group("Northwind")
    assert "Northwind" in owner.get("/groups/new").text
    answer = owner.post("/groups", name="Sales", description="Sells.", parent_id=whole)
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    for words in ("Sales", "Sells.", f'href="/groups/{whole}"'):
        assert words in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "northwind"}, "A group with this name already exists"),
        ({"description": "x" * 501}, "Use at most 500 characters"),
        ({"parent_id": "01a20c33-7cd6-70ee-b0a1-652ec903b536"}, "This group does not exist"),
    ],
)
def test_a_refusal_is_said_and_keeps_what_was_typed(
    owner: Browser, access: Access, people: People, given: dict[str, object], words: str
) -> None:
    whole = access.group("Northwind")
    before = people.row_counts()
    fields = {"name": "Sales", "description": "Sells.", "parent_id": whole} | given
    answer = owner.post("/groups", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert str(fields["description"]) in answer.text
    assert people.row_counts() == before


def test_who_manages_one_group_makes_groups_inside_it_only(access: Access, people: People) -> None:
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


def test_it_takes_a_csrf_token(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/groups", data={"name": "Sales"}).status_code == 400
    assert people.row_counts() == before


def test_a_member_may_not(member: Browser) -> None:
    assert (member.get("/groups/new").status_code, member.post("/groups", name="Sales").status_code) == (403, 403)
