"""Create a role."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR, HELPDESK
from webapp.core.permissions import Permission

pytestmark = pytest.mark.one_engine

PAYROLL = {"name": "Payroll", "description": "Pays people.", "permissions": ["users.read", "users.export"]}


def checked(page: str) -> set[str]:
    """Return the permissions whose checkboxes are checked."""
    boxes = re.findall(r'<input type="checkbox"\s+name="permissions"\s+value="([\w.]+)"([^>]*)>', page)
    return {value for value, rest in boxes if "checked" in rest}


def test_the_form_offers_every_permission_that_is_used(owner: Browser) -> None:
    page = owner.get("/roles/new")
    assert page.status_code == 200
    for permission in Permission:
        assert f'value="{permission}"' in page.text
    assert checked(page.text) == set()


def test_a_new_role_has_the_selected_permissions(owner: Browser) -> None:
    response = owner.post("/roles", **PAYROLL)
    assert response.status_code == 303
    page = owner.get(response.location).text
    assert "Payroll" in page
    assert "Pays people." in page
    assert re.findall(r"<dd>.*?<code>([\w.]+)</code>", page, re.DOTALL) == ["users.read", "users.export"]


def test_the_form_can_copy_a_role(owner: Browser) -> None:
    page = owner.get(f"/roles/new?from={HELPDESK}").text
    assert checked(page) == {"users.read", "users.edit", "users.deactivate", "users.reset"}


@pytest.mark.parametrize("origin", ["nonsense", "01a20c33-7cd6-70ee-b0a1-652ec903b536"])
def test_copying_an_unknown_role_is_404(owner: Browser, origin: str) -> None:
    assert owner.get(f"/roles/new?from={origin}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "x" * 81}, "Use at most 80 characters"),
        ({"name": "HELPDESK"}, "A role with this name already exists"),
        ({"permissions": ["users.read", "users.fly"]}, "Choose one of the options"),
    ],
)
def test_invalid_input_is_explained_and_kept(
    owner: Browser, people: People, changes: dict[str, object], words: str
) -> None:
    before = people.row_counts()
    response = owner.post("/roles", **PAYROLL | changes)
    assert response.status_code == 422
    assert words in response.text
    assert "Pays people." in response.text
    assert "users.read" in checked(response.text)
    assert people.row_counts() == before


def test_people_cannot_create_a_role_with_permissions_they_do_not_have(access: Access, people: People) -> None:
    someone = access.person("Clara")
    for role in (ADMINISTRATOR, access.role("Role maker", "roles.manage")):
        access.grant(role, user_id=someone.id)
    browser = access.browser_of(someone)
    before = people.row_counts()
    page = browser.get("/roles/new").text
    assert re.search(r'value="users.purge"[^>]*disabled', page)
    assert not re.search(r'value="users.read"[^>]*disabled', page)
    response = browser.post("/roles", **PAYROLL | {"permissions": ["users.purge"]})
    assert response.status_code == 422
    assert "You cannot give permissions you do not have" in response.text
    assert people.row_counts()["roles"] == before["roles"]


def test_a_post_without_csrf_token_is_refused(owner: Browser, people: People) -> None:
    before = people.row_counts()
    assert owner.client.post("/roles", data=PAYROLL).status_code == 400
    assert people.row_counts() == before


def test_people_who_can_only_give_roles_cannot_create_them(access: Access) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    assert access.browser_of(someone).get("/roles/new").status_code == 403


def test_a_member_is_refused(member: Browser, people: People) -> None:
    before = people.row_counts()
    assert (member.get("/roles/new").status_code, member.post("/roles", **PAYROLL).status_code) == (403, 403)
    assert people.row_counts() == before


def test_all_problems_are_shown_at_once(owner: Browser, people: People) -> None:
    before = people.row_counts()
    for fields in ({"name": ""}, {}):
        response = owner.post("/roles", **fields, description="x" * 10_000, permissions=["users.read"])
        assert response.status_code == 422
        assert all(f'id="{field}-error"' in response.text for field in ("name", "description"))
    assert people.row_counts() == before
