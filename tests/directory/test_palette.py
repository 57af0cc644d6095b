"""The command palette: what it finds, what was opened lately, and actions on the open person."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.access.models import HELPDESK, OWNER
from webapp.web.api import App

OPTION = re.compile(r'id="palette-([a-z]+)-([\w-]+)"')


def options(browser: Browser, **parameters: str) -> list[tuple[str, str]]:
    """Return the section and the ID of each option."""
    response = browser.get("/palette", query_string=parameters)
    assert response.status_code == 200
    return OPTION.findall(response.text)


def test_it_finds_people_groups_and_roles(owner: Browser, access: Access) -> None:
    person, group = access.person("Мария Крылова"), access.group("Крылатское")
    role = access.role("Крылья", "users.read")
    expected = [("people", str(person.id)), ("groups", str(group)), ("roles", str(role))]
    assert options(owner, q="крыл") == expected
    assert options(owner, q="КРЫЛ") == expected


def test_it_finds_own_and_shared_views_only(owner: Browser, access: Access, app: App, people: People) -> None:
    owner.post("/views", name="Зимние отпуска", address="status=active")
    assert [section for section, _id in options(owner, q="зимн")] == ["views"]
    other = access.person("Other")
    access.grant(access.role("Readers", "users.read"), user_id=other.id)
    assert options(access.browser_of(other), q="зимн") == []


@pytest.mark.parametrize("words", ["отдел север", "сев отд", "еверн"])
def test_groups_and_views_are_found_by_any_of_their_words(owner: Browser, access: Access, words: str) -> None:
    access.group("Северный отдел")
    access.group("Отдел продаж")
    owner.post("/views", name="Отделы севера", address="status=active")
    found = [section for section, _id in options(owner, q=words)]
    assert found == (["groups"] if words == "еверн" else ["groups", "views"])


def test_staff_of_a_group_find_and_remember_only_its_things(access: Access, people: People) -> None:
    north, south = access.group("Branch north"), access.group("Branch south")
    helper, hidden = access.person("Branch helper"), access.person("Branch hidden")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    access.add_member(north, helper.id)
    access.add_member(south, hidden.id)
    browser = access.browser_of(helper)
    assert options(browser, q="branch") == [("people", str(helper.id)), ("groups", str(north))]
    recent = f"user:{hidden.id},group:{south},role:{OWNER},group:{north},user:{helper.id}"
    assert options(browser, recent=recent) == [("recent", str(north)), ("recent", str(helper.id))]
    assert options(browser, person=str(hidden.id)) == []


@pytest.mark.one_engine
def test_odd_recent_things_are_left_out(owner: Browser, access: Access) -> None:
    group = access.group("Real")
    recent = f"group:{uuid4()},nothing:{group},group:\x00,group,,group:{group}"
    assert options(owner, recent=recent) == [("recent", str(group))]
    assert owner.get("/palette", query_string={"recent": "x" * 1001}).status_code == 400
    assert owner.get("/palette?person=x").status_code == 400


def test_actions_are_those_that_the_viewer_may_take(access: Access, owner: Browser, people: People) -> None:
    person, boss, helper = people.create(name="Person"), people.owner(), access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id)
    assert {"users-edit", "bin-confirm_deletion", "deactivation-confirm"} <= names(owner, str(person.id))
    browser = access.browser_of(helper)
    assert "bin-confirm_deletion" not in names(browser, str(person.id))
    # The helper cannot change people with more permissions.
    assert not {"users-edit", "deactivation-confirm"} & names(browser, str(boss.id))
    assert "users-activity" in names(browser, str(boss.id))


def names(browser: Browser, person: str) -> set[str]:
    return {name for _section, name in options(browser, person=person)}


@pytest.mark.one_engine
def test_the_search_page_needs_no_script(owner: Browser, people: People) -> None:
    person = people.create(name="Searched <b>Person</b>")
    page = owner.get("/search?q=searched").text
    assert f'href="/users/{person.id}"' in page
    assert "<b>Person" not in page
    assert "No results" in owner.get("/search?q=nothing-of-this-kind").text
    assert owner.get("/search", query_string={"q": "x" * 201}).status_code == 400


@pytest.mark.one_engine
def test_people_who_see_no_one_search_nothing(member: Browser) -> None:
    for path in ("/palette?q=a", "/search?q=a"):
        assert member.get(path).status_code == 403
    assert 'href="/search"' not in member.get("/account").text


def test_it_takes_as_many_statements_for_many_matches(app: App, owner: Browser, access: Access) -> None:
    counts = []
    for number in (1, 12):
        for each in range(number):
            access.person(f"Query {number} {each}")
            access.group(f"Query {number} {each}")
        with captured_queries(app) as seen:
            options(owner, q="query")
        counts.append(len(seen))
    assert counts[0] == counts[1]
