"""Giving somebody a role, and taking it back, on their page."""

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


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(name="Anna")


def test_everywhere(owner: Browser, access: Access, anna: UserOut) -> None:
    assert owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="").status_code == 303
    assert Permission.AUDIT_READ in access.powers_of(anna.id).everywhere


def test_within_a_group(owner: Browser, access: Access, anna: UserOut) -> None:
    sales = access.group("Sales")
    owner.post(f"/users/{anna.id}/roles", role=HELPDESK, within=sales)
    assert access.powers_of(anna.id).reach(Permission.USERS_EDIT) == {sales}


def test_for_a_time(owner: Browser, access: Access, anna: UserOut) -> None:
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="", starts_at=tomorrow)
    assert access.powers_of(anna.id).everywhere == frozenset()
    assert "From " in owner.get(f"/users/{anna.id}/access").text


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role": ""}, "Choose a role"),
        ({"role": "nonsense"}, "This role does not exist"),
        ({"ends_at": "yesterday"}, "Enter a date and a time"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be in the future"),
        ({"role": OWNER, "within": "sales"}, "Only a user can be an owner, and only everywhere"),
    ],
)
def test_a_refusal_is_beside_its_field_and_keeps_what_was_chosen(
    owner: Browser, access: Access, people: People, anna: UserOut, given: dict[str, object], words: str
) -> None:
    sales, before = access.group("Sales"), people.row_counts()
    fields = {"role": AUDITOR, "within": sales} | given
    fields["within"] = sales if fields["within"] == "sales" else fields["within"]
    answer = owner.post(f"/users/{anna.id}/roles", **fields)
    assert answer.status_code == 422
    assert re.search(r'class="field-error" id="grant-\w+-error">.*?' + re.escape(words), answer.text, re.DOTALL)
    assert re.search(rf'<option selected value="{sales}">', answer.text)
    assert people.row_counts() == before


def test_a_role_that_they_have_is_refused_beside_the_role(owner: Browser, anna: UserOut) -> None:
    owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="")
    answer = owner.post(f"/users/{anna.id}/roles", role=AUDITOR, within="")
    assert answer.status_code == 422
    assert re.search(r'id="grant-role-error">.*?They already have this role', answer.text, re.DOTALL)


def test_what_one_does_not_hold_is_refused_beside_the_role(access: Access, people: People, anna: UserOut) -> None:
    someone = access.person("Clara")
    access.grant(ADMINISTRATOR, user_id=someone.id)
    answer = access.browser_of(someone).post(f"/users/{anna.id}/roles", role=OWNER, within="")
    assert answer.status_code == 422
    assert re.search(r'id="grant-role-error">.*?You cannot give permissions you do not have', answer.text, re.DOTALL)


def test_no_id_is_on_the_page_twice(owner: Browser, anna: UserOut) -> None:
    page = owner.post(f"/users/{anna.id}/roles", role="", within="").text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_it_can_be_taken_back(owner: Browser, access: Access, anna: UserOut) -> None:
    grant = access.grant(AUDITOR, user_id=anna.id)
    assert f"/users/{anna.id}/roles/{grant}/end" in owner.get(f"/users/{anna.id}/access").text
    assert owner.post(f"/users/{anna.id}/roles/{grant}/end").status_code == 303
    assert access.powers_of(anna.id).everywhere == frozenset()
    assert f"/roles/{grant}/end" not in owner.get(f"/users/{anna.id}/access").text


def test_both_take_a_csrf_token(owner: Browser, access: Access, people: People, anna: UserOut) -> None:
    grant = access.grant(AUDITOR, user_id=anna.id)
    before = people.row_counts()
    assert owner.client.post(f"/users/{anna.id}/roles", data={"role": str(HELPDESK)}).status_code == 400
    assert owner.client.post(f"/users/{anna.id}/roles/{grant}/end").status_code == 400
    assert people.row_counts() == before
    assert access.powers_of(anna.id).everywhere


def test_a_member_may_not(member: Browser, anna: UserOut) -> None:
    assert member.post(f"/users/{anna.id}/roles", role=AUDITOR).status_code == 403


def test_what_may_not_be_taken_back_is_said_on_the_page(owner: Browser, people: People) -> None:
    olga = people.owner().id
    page = owner.get(f"/users/{olga}/access").text
    address = re.search(rf'action="(/users/{olga}/roles/[^"]+/end)"', page)[1]
    before = people.row_counts()
    answer = owner.post(address)
    assert (answer.status_code, answer.location) == (303, f"/users/{olga}/access")
    page = owner.get(answer.location).text
    assert re.search(r'notice-error"\s+role="alert">.*?This is the last active owner', page, re.DOTALL)
    assert people.row_counts() == before
