"""Give a role to a group, and remove it."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR, AUDITOR, GROUP_OWNER, HELPDESK, OWNER
from webapp.core.permissions import Permission

pytestmark = pytest.mark.one_engine


@pytest.fixture
def sales(access: Access) -> UUID:
    return access.group("Sales")


def test_the_form_shows_how_many_people_get_the_role(
    owner: Browser, access: Access, people: People, sales: UUID
) -> None:
    assert "No one is in this group yet." in owner.get(f"/groups/{sales}/roles/new").text
    access.add_member(sales, people.create(name="Anna").id)
    access.add_member(access.group("Sales north", parent_id=sales), people.create(name="Boris").id)
    page = html.unescape(owner.get(f"/groups/{sales}/roles/new").text)
    assert "2 people get the role immediately, including members of groups inside." in page


def test_members_have_the_role(owner: Browser, access: Access, sales: UUID) -> None:
    clara, shop = access.person("Clara"), access.group("Shop")
    access.add_member(sales, clara.id)
    assert owner.post(f"/groups/{sales}/roles", role=AUDITOR, within="").status_code == 303
    assert owner.post(f"/groups/{sales}/roles", role=HELPDESK, within=shop).status_code == 303
    powers = access.powers_of(clara.id)
    assert Permission.AUDIT_READ in powers.everywhere
    assert powers.reach(Permission.USERS_EDIT) == {shop}
    assert owner.get(f"/groups/{sales}").text.count(">Remove<") == 3, "the member and both roles"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ""}, "Choose a role"),
        ({"role": "nonsense"}, "This role does not exist"),
        ({"role": OWNER}, "Only a user can be an owner"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
    ],
)
def test_an_error_is_shown_at_its_field_and_the_input_is_kept(
    owner: Browser, access: Access, people: People, sales: UUID, changes: dict[str, object], words: str
) -> None:
    shop, before = access.group("Shop"), people.row_counts()
    response = owner.post(f"/groups/{sales}/roles", **{"role": AUDITOR, "within": shop} | changes)
    assert response.status_code == 422
    assert re.search(r'class="field-error" id="grant-\w+-error">.*?' + re.escape(words), response.text, re.DOTALL)
    assert f'<option selected value="{shop}">' in response.text
    assert people.row_counts() == before


def test_people_cannot_give_permissions_they_do_not_have(access: Access, people: People, sales: UUID) -> None:
    someone, own = access.person("Clara"), access.role("Eraser", "users.purge")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    before = people.row_counts()
    response = access.browser_of(someone).post(f"/groups/{sales}/roles", role=own, within="")
    assert (response.status_code, "You cannot give permissions you do not have" in response.text) == (422, True)
    assert people.row_counts()["role_grants"] == before["role_grants"]


def test_a_role_can_be_removed(owner: Browser, access: Access, sales: UUID) -> None:
    clara = access.person("Clara")
    access.add_member(sales, clara.id)
    grant = access.grant(AUDITOR, group_id=sales)
    assert owner.post(f"/groups/{sales}/roles/{grant}/end").status_code == 303
    assert access.powers_of(clara.id).everywhere == frozenset()
    assert "This group gives no roles." in owner.get(f"/groups/{sales}").text


def test_posts_without_csrf_token_are_refused(owner: Browser, access: Access, people: People, sales: UUID) -> None:
    grant = access.grant(AUDITOR, group_id=sales)
    before = people.row_counts()
    assert owner.client.post(f"/groups/{sales}/roles", data={"role": str(HELPDESK)}).status_code == 400
    assert owner.client.post(f"/groups/{sales}/roles/{grant}/end").status_code == 400
    assert people.row_counts() == before


def test_a_group_owner_cannot_give_roles_to_the_group(access: Access, sales: UUID) -> None:
    someone = access.person("Clara")
    access.grant(GROUP_OWNER, user_id=someone.id, scope_id=sales)
    browser = access.browser_of(someone)
    assert "roles/new" not in browser.get(f"/groups/{sales}").text
    assert browser.get(f"/groups/{sales}/roles/new").status_code == 403
    assert browser.post(f"/groups/{sales}/roles", role=GROUP_OWNER, within=sales).status_code == 403


def test_a_member_is_refused(member: Browser, sales: UUID) -> None:
    assert member.post(f"/groups/{sales}/roles", role=AUDITOR).status_code == 403


def test_a_role_that_cannot_be_removed_shows_an_error(access: Access, people: People, sales: UUID) -> None:
    someone, own = access.person("Clara"), access.role("Eraser", "users.purge")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    grant, browser = access.grant(own, group_id=sales), access.browser_of(someone)
    before = people.row_counts()
    response = browser.post(f"/groups/{sales}/roles/{grant}/end")
    assert (response.status_code, response.location) == (303, f"/groups/{sales}")
    assert "You cannot give permissions you do not have" in browser.get(response.location).text
    assert people.row_counts() == before
