"""Wherever roles of people are listed, a role within a group says so, and roles through groups are there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from webapp.access.models import AUDITOR, HELPDESK
from webapp.access.summaries import access_summaries
from webapp.core.clock import now
from webapp.groups.services import delete_group
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

WITHIN = "Helpdesk · Sales"


@pytest.fixture
def anna(access: Access, people: People) -> UserOut:
    """Somebody who is Helpdesk within Sales, and Auditor through the group that is around theirs."""
    anna = access.person("Anna")
    staff = access.group("Staff")
    access.grant(HELPDESK, user_id=anna.id, scope_id=access.group("Sales"))
    access.grant(AUDITOR, group_id=staff)
    access.add_member(access.group("Team", parent_id=staff), anna.id)
    return anna


def labels(app: App, user: UserOut) -> list[str]:
    with app.app_context():
        return access_summaries([user.id])[user.id].role_labels


def test_a_role_within_a_group_and_a_role_through_a_group_are_listed(app: App, anna: UserOut) -> None:
    assert labels(app, anna) == ["Auditor", WITHIN]


def test_a_role_held_in_several_ways_is_listed_once(app: App, access: Access, anna: UserOut) -> None:
    access.grant(AUDITOR, user_id=anna.id)
    access.grant(HELPDESK, user_id=anna.id)
    assert labels(app, anna) == ["Auditor", "Helpdesk", WITHIN]


def test_a_role_through_groups_names_them_unless_the_person_holds_it_too(
    app: App, access: Access, people: People
) -> None:
    vera, groups = people.create(), [access.group(name) for name in ("South", "North")]
    for group in groups:
        access.grant(HELPDESK, group_id=group)
        access.add_member(group, vera.id)
    with app.app_context():
        assert access_summaries([vera.id])[vera.id].roles == [("Helpdesk", "", ("North", "South"))]
    access.grant(HELPDESK, user_id=vera.id)
    with app.app_context():
        assert access_summaries([vera.id])[vera.id].roles == [("Helpdesk", "", ())]


def test_only_roles_that_hold_now_are_listed(app: App, access: Access, people: People) -> None:
    vera, north, south = people.create(), access.group("North"), access.group("South")
    access.grant(AUDITOR, group_id=north, starts_at=now() + timedelta(hours=1))
    access.grant(HELPDESK, group_id=south)
    access.add_member(north, vera.id)
    access.add_member(south, vera.id, starts_at=now() + timedelta(hours=1))
    assert labels(app, vera) == []


def test_roles_of_and_within_deleted_groups_are_not_listed(app: App, access: Access, people: People) -> None:
    vera, north = people.create(), access.group("North")
    access.grant(AUDITOR, group_id=north)
    access.grant(HELPDESK, user_id=vera.id, scope_id=north)
    access.add_member(north, vera.id)
    assert labels(app, vera) == ["Auditor", "Helpdesk · North"]
    with app.app_context():
        delete_group(north, by=TESTER)
    assert labels(app, vera) == []


def test_header_list_account_and_file_show_them(owner: Browser, access: Access, anna: UserOut) -> None:
    for page in (f"/users/{anna.id}", f"/users/{anna.id}/activity", f"/users/{anna.id}/access"):
        head = re.search(r'<div class="page-head-title">.*?</div>', owner.get(page).text, re.DOTALL)
        assert head
        assert re.findall(r"<bdi>([^<]*)</bdi></span>", head[0]) == ["Auditor", WITHIN]
    cell = re.search(r'<td class="col-roles">(.*?)</td>', owner.get("/users?q=anna").text, re.DOTALL)
    assert cell
    assert re.findall(r"<bdi>([^<]*)</bdi>", cell[1]) == ["Auditor", WITHIN]
    assert re.findall(r'title="([^"]*)"', cell[1]) == ["Auditor (inherited from Staff)", WITHIN]
    assert cell[1].count("(inherited)") == 1
    assert WITHIN in access.browser_of(anna).get("/account").text
    bulk = owner.post("/bulk", action="export", ids=str(anna.id)).location
    assert f'"Auditor, {WITHIN}"' in owner.post(f"{bulk}/file").text


def test_the_api_lists_roles_that_hold_everywhere(api: Api, anna: UserOut) -> None:
    assert api.get(f"/users/{anna.id}").json["roles"] == ["Auditor"]
    assert api.get("/users?q=anna").json["items"][0]["roles"] == ["Auditor"]


def test_they_are_listed_in_the_language_of_the_viewer(owner: Browser, anna: UserOut) -> None:
    owner.post("/account/preferences", locale="ru")
    assert "Служба поддержки · Sales" in owner.get(f"/users/{anna.id}").text


@pytest.mark.parametrize("query", ["role={}", "q=role:{}"])
def test_people_who_have_a_role_through_a_group_are_found_by_it(
    owner: Browser, access: Access, people: People, anna: UserOut, query: str
) -> None:
    vera = people.create(name="Vera", roles=[AUDITOR])
    for role, found in (("Auditor", [anna, vera]), ("Helpdesk", [anna])):
        page = owner.get("/users?" + query.format(role)).text
        assert [f'href="/users/{each.id}"' in page for each in (anna, vera)] == [each in found for each in (anna, vera)]
    page = owner.get("/users?q=-role:auditor").text
    assert f'href="/users/{anna.id}"' not in page


def test_the_page_of_a_role_says_where_people_have_it(owner: Browser, access: Access, anna: UserOut) -> None:
    row = re.search(r'<td data-label="Where">(.*?)</td>', owner.get(f"/roles/{HELPDESK}").text, re.DOTALL)
    assert row
    assert row[1].split() == ["Within", "Sales"]
    access.grant(HELPDESK, user_id=anna.id)
    row = re.search(r'<td data-label="Where">(.*?)</td>', owner.get(f"/roles/{HELPDESK}").text, re.DOTALL)
    assert row
    assert row[1].split() == ["Everywhere,", "Within", "Sales"]
