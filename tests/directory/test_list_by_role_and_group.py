"""Columns and filters of roles and groups in the list of users."""

from __future__ import annotations

import re

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import AUDITOR, HELPDESK
from webapp.web.api import App


def cells(page: str, column: str) -> list[str]:
    """Return the text of a column, one item for each row."""
    found = re.findall(rf'<td class="{column}">(.*?)</td>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in found]


def test_roles_and_groups_have_columns(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    access.grant(AUDITOR, user_id=anna.id)
    access.add_member(access.group("Sales"), anna.id)
    page = owner.get("/users").text
    assert cells(page, "col-roles") == ["Auditor", "Owner"]
    assert cells(page, "col-groups") == ["Sales", ""]


def test_a_cell_shows_two_names_and_the_number_of_others(owner: Browser, access: Access, people: People) -> None:
    anna = people.create(name="Anna")
    for name in "ABCDE":
        access.add_member(access.group(f"Group {name}"), anna.id)
    page = owner.get("/users?q=anna").text
    assert cells(page, "col-groups") == ["Group A Group B +3"]
    assert 'title="Group C, Group D, Group E"' in page


def test_a_filter_has_a_chip_that_removes_it(owner: Browser, access: Access, people: People) -> None:
    anna, sales = people.create(name="Anna"), access.group("Sales & more")
    access.grant(HELPDESK, user_id=anna.id)
    access.add_member(sales, anna.id)
    page = owner.get("/users?role=Helpdesk&group=Sales+%26+more&status=invited").text
    assert "Anna" in page
    assert 'href="/users?group=Sales+%26+more&amp;status=invited"' in page
    assert 'href="/users?role=Helpdesk&amp;status=invited"' in page
    assert 'aria-label="Remove filter: Role Helpdesk"' in page


def test_search_keeps_the_filters(owner: Browser, access: Access) -> None:
    access.group("Sales")
    page = owner.get("/users?role=Owner&group=Sales").text
    for name, value in (("role", "Owner"), ("group", "Sales")):
        assert re.search(rf'<input type="hidden"\s+name="{name}"\s+value="{value}"', page)


def test_an_empty_list_has_a_message_and_a_link_to_all_users(owner: Browser, access: Access) -> None:
    access.group("Sales")
    assert "No one has this role" in owner.get("/users?role=Auditor").text
    page = owner.get("/users?group=Sales").text
    assert "No one is in this group" in page
    assert 'href="/users"' in page


def test_an_unknown_role_or_group_is_400(owner: Browser) -> None:
    assert owner.get("/users?role=King").status_code == 400
    assert owner.get("/users?group=Court").status_code == 400


def test_the_number_of_statements_does_not_grow_with_roles_and_groups(
    app: App, owner: Browser, access: Access, people: People
) -> None:
    for number in range(5):
        someone, group = people.create(), access.group(f"Group {number}")
        access.add_member(group, someone.id)
        access.grant(HELPDESK, user_id=someone.id, scope_id=group)
        access.grant(AUDITOR, group_id=group)
    with captured_queries(app) as seen:
        owner.get("/users")
    # One of them reads the invitations of people without a password.
    assert len(seen) == 4, seen
