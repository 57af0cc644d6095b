"""Give a role to a user on their page, and remove it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR, AUDITOR, HELPDESK, OWNER
from webapp.core.clock import now
from webapp.core.permissions import Permission
from webapp.users.schemas import UserOut

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna")


def test_a_role_can_be_given_everywhere(owner: Browser, access: Access, anna: UserOut) -> None:
    assert owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="").status_code == 303
    assert Permission.AUDIT_READ in access.powers_of(anna.id).everywhere


def test_a_role_can_be_given_within_a_group(owner: Browser, access: Access, anna: UserOut) -> None:
    sales = access.group("Sales")
    owner.post(f"/users/{anna.id}/roles", role=HELPDESK, within=sales)
    assert access.powers_of(anna.id).reach(Permission.USERS_EDIT) == {sales}


def test_a_role_can_start_later(owner: Browser, access: Access, anna: UserOut) -> None:
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="", starts_at=tomorrow)
    assert access.powers_of(anna.id).everywhere == frozenset()
    assert "From " in owner.get(f"/users/{anna.id}/access").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"role": ""}, "Choose a role"),
        ({"role": "nonsense"}, "This role does not exist"),
        ({"ends_at": "yesterday"}, "Enter a date and a time"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
        ({"role": OWNER, "within": "sales"}, "Only a user can be an owner, and only everywhere"),
    ],
)
def test_an_error_is_shown_at_its_field_and_the_input_is_kept(
    owner: Browser, access: Access, people: People, anna: UserOut, changes: dict[str, object], words: str
) -> None:
    sales, before = access.group("Sales"), people.row_counts()
    fields = {"role": AUDITOR, "within": sales} | changes
    fields["within"] = sales if fields["within"] == "sales" else fields["within"]
    response = owner.post(f"/users/{anna.id}/roles", **fields)
    assert response.status_code == 422
    assert re.search(r'class="field-error" id="grant-\w+-error">.*?' + re.escape(words), response.text, re.DOTALL)
    assert re.search(rf'<option selected value="{sales}">', response.text)
    assert people.row_counts() == before


def test_a_role_that_the_user_has_is_refused(owner: Browser, anna: UserOut) -> None:
    owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="")
    response = owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="")
    assert response.status_code == 422
    assert re.search(r'id="grant-role-error">.*?They already have this role', response.text, re.DOTALL)


def test_people_cannot_give_permissions_they_do_not_have(access: Access, people: People, anna: UserOut) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    response = access.browser_of(someone).post(f"/users/{anna.id}/roles", role=OWNER, within="")
    assert response.status_code == 422
    assert re.search(r'id="grant-role-error">.*?You cannot give permissions you do not have', response.text, re.DOTALL)


def test_html_ids_are_unique(owner: Browser, anna: UserOut) -> None:
    page = owner.post(f"/users/{anna.id}/roles", role="", within="").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_a_role_can_be_removed(owner: Browser, access: Access, anna: UserOut) -> None:
    grant = access.grant(AUDITOR, user_id=anna.id)
    assert f"/users/{anna.id}/roles/{grant}/end" in owner.get(f"/users/{anna.id}/access").text
    assert owner.post(f"/users/{anna.id}/roles/{grant}/end").status_code == 303
    assert access.powers_of(anna.id).everywhere == frozenset()
    assert f"/roles/{grant}/end" not in owner.get(f"/users/{anna.id}/access").text


def test_posts_without_csrf_token_are_refused(owner: Browser, access: Access, people: People, anna: UserOut) -> None:
    grant = access.grant(AUDITOR, user_id=anna.id)
    before = people.row_counts()
    assert owner.client.post(f"/users/{anna.id}/roles", data={"role": str(HELPDESK)}).status_code == 400
    assert owner.client.post(f"/users/{anna.id}/roles/{grant}/end").status_code == 400
    assert people.row_counts() == before
    assert access.powers_of(anna.id).everywhere


def test_a_member_is_refused(member: Browser, anna: UserOut) -> None:
    assert member.post(f"/users/{anna.id}/roles", role=AUDITOR).status_code == 403


def test_a_role_that_cannot_be_removed_shows_an_error(owner: Browser, people: People) -> None:
    olga = people.owner().id
    page = owner.get(f"/users/{olga}/access").text
    address = re.search(rf'action="(/users/{olga}/roles/[^"]+/end)"', page)[1]
    before = people.row_counts()
    response = owner.post(address)
    assert (response.status_code, response.location) == (303, f"/users/{olga}/access")
    page = owner.get(response.location).text
    assert re.search(r'notice-error"\s+role="alert">.*?This is the last active owner', page, re.DOTALL)
    assert people.row_counts() == before
