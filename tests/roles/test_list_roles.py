"""The table of all roles."""

from __future__ import annotations

import re

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK
from webapp.core.permissions import PERMISSION_LABELS, Permission
from webapp.web.api import App


def columns(page: str) -> list[str]:
    """Return the roles in the head of the table."""
    head = re.search(r"<thead>(.*?)</thead>", page, re.DOTALL)
    assert head
    return re.findall(r"<bdi>(.*?)</bdi>", head[1])


def test_the_table_has_a_row_for_each_permission_and_a_column_for_each_role(owner: Browser, access: Access) -> None:
    access.role("Payroll", "users.read", "users.export")
    page = owner.get("/roles")
    assert page.status_code == 200
    assert columns(page.text) == ["Owner", "Administrator", "Helpdesk", "Auditor", "Group owner", "Payroll"]
    for permission in Permission:
        assert f"<code>{permission}</code>" in page.text
        assert str(PERMISSION_LABELS[permission]) in page.text


def test_the_table_shows_the_number_of_people_and_groups(owner: Browser, access: Access, people: People) -> None:
    for number in range(3):
        access.grant(AUDITOR, user_id=people.create(name=f"Auditor {number}").id)
    access.grant(AUDITOR, group_id=access.group("Finance"))
    assert "3 people · 1 group" in re.sub(r"\s+", " ", owner.get("/roles").text)


def test_comparing_roles_marks_their_differences(owner: Browser) -> None:
    page = owner.get(f"/roles?compare={HELPDESK}&compare={AUDITOR}").text
    assert columns(page) == ["Helpdesk", "Auditor"]
    assert "These roles differ in 6 permissions" in page
    assert page.count("matrix-differs") == 6


def test_comparing_equal_roles_says_so(owner: Browser, access: Access) -> None:
    twins = [access.role(name, "users.read") for name in ("One", "Other")]
    assert "These roles have the same permissions." in owner.get(f"/roles?compare={twins[0]}&compare={twins[1]}").text


def test_an_invalid_comparison_shows_all_roles(owner: Browser) -> None:
    assert len(columns(owner.get("/roles?compare=nonsense").text)) == 5


def test_a_page_takes_three_statements(app: App, owner: Browser) -> None:
    with captured_queries(app) as seen:
        owner.get("/roles")
    assert len(seen) == 3, seen


def test_only_people_who_can_manage_roles_see_the_link_to_create_one(owner: Browser, access: Access) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert 'href="/roles/new"' in owner.get("/roles").text
    assert 'href="/roles/new"' not in access.browser_of(someone).get("/roles").text


def test_names_are_escaped(owner: Browser, access: Access) -> None:
    access.role("<b>Bold</b>", "users.read")
    assert "<b>Bold" not in owner.get("/roles").text


def test_a_member_is_refused(member: Browser) -> None:
    assert member.get("/roles").status_code == 403
    assert 'href="/roles"' not in member.get("/account").text
