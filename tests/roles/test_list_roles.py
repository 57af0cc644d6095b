"""All roles side by side."""

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
    """The roles that the table shows."""
    head = re.search(r"<thead>(.*?)</thead>", page, re.DOTALL)
    assert head
    return re.findall(r"<bdi>(.*?)</bdi>", head[1])


def test_every_permission_is_a_row_and_every_role_a_column(owner: Browser, access: Access) -> None:
    access.role("Payroll", "users.read", "users.export")
    page = owner.get("/roles")
    assert page.status_code == 200
    assert columns(page.text) == ["Owner", "Administrator", "Helpdesk", "Auditor", "Group owner", "Payroll"]
    for permission in Permission:
        assert f"<code>{permission}</code>" in page.text
        assert str(PERMISSION_LABELS[permission]) in page.text


def test_it_counts_people_and_groups(owner: Browser, access: Access, people: People) -> None:
    for number in range(3):
        access.grant(AUDITOR, user_id=people.create(name=f"Auditor {number}").id)
    access.grant(AUDITOR, group_id=access.group("Finance"))
    assert "3 people · 1 group" in re.sub(r"\s+", " ", owner.get("/roles").text)


def test_chosen_roles_stay_and_their_differences_are_marked(owner: Browser) -> None:
    page = owner.get(f"/roles?compare={HELPDESK}&compare={AUDITOR}").text
    assert columns(page) == ["Helpdesk", "Auditor"]
    assert "These roles differ in 6 permissions" in page
    assert page.count("matrix-differs") == 6


def test_equal_roles_are_told_to_be_equal(owner: Browser, access: Access) -> None:
    twins = [access.role(name, "users.read") for name in ("One", "Other")]
    assert "These roles have the same permissions." in owner.get(f"/roles?compare={twins[0]}&compare={twins[1]}").text


def test_what_cannot_be_compared_shows_all(owner: Browser) -> None:
    assert len(columns(owner.get("/roles?compare=nonsense").text)) == 5


def test_a_page_takes_three_statements(app: App, owner: Browser) -> None:
    with captured_queries(app) as seen:
        owner.get("/roles")
    assert len(seen) == 3, seen


def test_only_who_may_make_roles_is_offered_to(owner: Browser, access: Access) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert 'href="/roles/new"' in owner.get("/roles").text
    assert 'href="/roles/new"' not in access.browser_of(someone).get("/roles").text


def test_names_are_escaped(owner: Browser, access: Access) -> None:
    access.role("<b>Bold</b>", "users.read")
    assert "<b>Bold" not in owner.get("/roles").text


def test_a_member_may_not_look(member: Browser) -> None:
    assert member.get("/roles").status_code == 403
    assert 'href="/roles"' not in member.get("/account").text
