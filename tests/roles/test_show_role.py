"""The page of a role: permissions, preview, and the people and groups that have it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.query_counter import captured_queries
from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, OWNER
from webapp.users.inviting import link_for_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def menu(page: str) -> list[str]:
    """Return the links of the preview of the navigation."""
    found = re.search(r'<ul class="preview-links">(.*?)</ul>', page, re.DOTALL)
    assert found
    return re.findall(r"</svg>([^<]+)</li>", found[1])


def buttons(page: str) -> list[str]:
    return re.findall(r'<li class="tag">([^<]+)</li>', page)


def test_the_page_describes_the_permissions(owner: Browser) -> None:
    page = owner.get(f"/roles/{AUDITOR}")
    assert page.status_code == 200
    for words in ("Can see everything and change nothing.", "Read the audit trail", "See every change"):
        assert words in page.text
    assert "Erase the data of people" not in page.text


@pytest.mark.parametrize("role", [OWNER, ADMINISTRATOR, HELPDESK, AUDITOR, GROUP_OWNER])
def test_the_preview_is_the_navigation_of_a_user_with_the_role(owner: Browser, access: Access, role: UUID) -> None:
    someone = access.person("Clara")
    access.grant(role, user_id=someone.id)
    page = access.browser_of(someone).get("/users").text
    side = re.search(r'<div class="side-links"(.*?)<div class="side-foot">', page, re.DOTALL)
    assert side
    links = re.findall(r"</svg>([^<]+)</a>", side[1])
    assert menu(owner.get(f"/roles/{role}").text) == links
    assert ("Roles" in links) == (role in {OWNER, ADMINISTRATOR})


def test_the_preview_shows_the_buttons_of_a_user_with_the_role(owner: Browser) -> None:
    assert "Add user" not in buttons(owner.get(f"/roles/{HELPDESK}").text)
    assert {"Edit", "Deactivate…"} <= set(buttons(owner.get(f"/roles/{HELPDESK}").text))
    assert "Deactivate…" not in buttons(owner.get(f"/roles/{GROUP_OWNER}").text)
    assert {"Add user", "New role"} <= set(buttons(owner.get(f"/roles/{OWNER}").text))


def test_the_preview_of_a_role_without_permissions_has_only_personal_pages(owner: Browser, access: Access) -> None:
    page = owner.get(f"/roles/{access.role('Empty')}").text
    assert menu(page) == ["Jobs", "My account"]
    assert "No permissions yet." in page


def test_people_with_the_role_are_paged_by_name(owner: Browser, access: Access, people: People) -> None:
    for name in ("Clara", "Anna", "Boris"):
        access.grant(AUDITOR, user_id=people.create(name=name).id)
    first = owner.get(f"/roles/{AUDITOR}?limit=2").text
    assert first.index("Anna") < first.index("Boris")
    assert "Clara" not in first
    following = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert following
    assert "Clara" in owner.get(following[1].replace("&amp;", "&")).text


def test_an_invited_person_is_called_so(app: App, owner: Browser, access: Access, people: People) -> None:
    anna, boris = people.create(name="Anna"), people.create(name="Boris")
    for person in (anna, boris):
        access.grant(AUDITOR, user_id=person.id)
    with app.app_context():
        link_for_user(anna.id, by=TESTER)
    page = owner.get(f"/roles/{AUDITOR}").text
    assert re.findall(r'status-invited">([^<]+)<', page) == ["Invited", "No password yet"]


def test_groups_with_the_role_are_listed(owner: Browser, access: Access) -> None:
    access.grant(AUDITOR, group_id=access.group("Finance"))
    page = owner.get(f"/roles/{AUDITOR}").text
    assert "Finance" in page
    assert "No one has this role" not in page


def test_the_page_of_an_unused_role_says_so(owner: Browser) -> None:
    assert "No one has this role" in owner.get(f"/roles/{AUDITOR}").text


def test_the_number_of_statements_does_not_grow_with_people(
    app: App, owner: Browser, access: Access, people: People
) -> None:
    for number in range(5):
        access.grant(AUDITOR, user_id=people.create(name=f"Auditor {number}", password=people.password).id)
    with captured_queries(app) as seen:
        owner.get(f"/roles/{AUDITOR}")
    assert len(seen) == 5, seen


def test_an_unknown_role_is_404(owner: Browser) -> None:
    assert owner.get("/roles/01a20c33-7cd6-70ee-b0a1-652ec903b536").status_code == 404


def test_only_people_who_can_manage_roles_see_the_edit_link(owner: Browser, access: Access) -> None:
    someone, own = access.person("Clara"), access.role("Payroll", "users.read")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert f"/roles/{own}/deletion" in owner.get(f"/roles/{own}").text
    assert f"/roles/{own}/deletion" not in access.browser_of(someone).get(f"/roles/{own}").text


def test_a_member_is_refused(member: Browser) -> None:
    assert member.get(f"/roles/{HELPDESK}").status_code == 403
