"""People who get roles and groups with their account, by whoever may give them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import People
from webapp.access.models import ADMINISTRATOR, HELPDESK
from webapp.core.clock import now
from webapp.web.api import App

ANNA = {"email": "anna@example.com", "name": "Anna"}


def test_the_api_gives_them_by_name_or_id(api: Api, access: Access) -> None:
    north, role = access.group("Север"), access.role("Reader", "users.read")
    made = api.post("/users", ANNA | {"roles": ["AUDITOR", str(role)], "groups": ["север", str(north)]})
    assert (made.status_code, made.json["roles"], made.json["groups"]) == (201, ["Auditor", "Reader"], ["Север"])


@pytest.mark.parametrize(
    "given", [{"roles": ["nobody"]}, {"groups": ["nowhere"]}, {"roles": "owner"}, {"roles": ["a\x00"]}, {"roles": [1]}]
)
def test_what_is_not_there_is_told_and_makes_nobody(api: Api, people: People, given: dict) -> None:
    before = people.row_counts()
    response = api.post("/users", ANNA | given)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].partition(".")[0] in {"roles", "groups"}
    assert people.row_counts() == before


def test_nobody_gives_with_an_account_what_they_do_not_hold(app: App, access: Access, people: People) -> None:
    creator = access.person("Creator")
    access.grant(access.role("Creator", "users.create", "users.read", "roles.grant"), user_id=creator.id)
    client = Api(app, people.token_for(creator))
    before = people.row_counts()
    assert client.post("/users", ANNA | {"roles": ["owner"]}).status_code == 403
    assert people.row_counts() == before


def test_who_creates_within_one_group_creates_in_it(access: Access, people: People) -> None:
    north, creator = access.group("North"), access.person("Creator")
    access.grant(access.role("Local", "users.create", "users.read"), user_id=creator.id, scope_id=north)
    browser: Browser = access.browser_of(creator)
    assert browser.post("/users", **ANNA).status_code == 303
    assert "Anna" in browser.get("/users").text
    assert people.row(email="anna@example.com")["status"] == "invited"


def test_a_local_helpdesk_creates_nobody(access: Access, people: People) -> None:
    north, helper = access.group("North"), access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    before = people.row_counts()
    assert access.browser_of(helper).post("/users", **ANNA).status_code == 403
    assert people.row(email="anna@example.com") is None
    assert people.row_counts()["users"] == before["users"]


def test_the_form_gives_groups_and_a_role(owner: Browser, access: Access, people: People) -> None:
    north, south, role = access.group("North"), access.group("South"), access.role("Reader", "users.read")
    page = owner.get("/users/new").text
    assert all(f'value="{each}"' in page for each in (north, south, role))
    answer = owner.post("/users", **ANNA, groups=[str(north), str(south)], roles=str(role))
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    assert all(name in page for name in ("North", "South", "Reader"))


def test_who_creates_within_several_groups_says_in_which(access: Access, people: People) -> None:
    north, south, creator = access.group("North"), access.group("South"), access.person("Creator")
    elsewhere, role = access.group("Elsewhere"), access.role("Local", "users.create", "users.read")
    for scope in (north, south):
        access.grant(role, user_id=creator.id, scope_id=scope)
    browser = access.browser_of(creator)
    page = browser.get("/users/new").text
    assert f'value="{south}"' in page
    assert f'value="{elsewhere}"' not in page
    before = people.row_counts()
    for groups, words in (
        ([], "Choose at least one group"),
        ([str(elsewhere)], "do not let you do this"),
        (["x"], ""),
    ):
        answer = browser.post("/users", **ANNA, groups=groups)
        assert answer.status_code == 422
        assert re.search(r'id="groups-error">.*?' + words, answer.text, re.DOTALL)
        assert 'value="anna@example.com"' in answer.text
    assert people.row_counts() == before
    assert browser.post("/users", **ANNA, groups=[str(south)]).status_code == 303
    assert "Anna" in access.browser_of(creator).get("/users?group=South").text


def test_only_roles_that_one_may_give_are_offered(access: Access, people: People) -> None:
    creator, reader = access.person("Creator"), access.role("Reader", "users.read")
    access.grant(access.role("Creator", "users.create", "users.read", "roles.grant"), user_id=creator.id)
    browser = access.browser_of(creator)
    page = browser.get("/users/new").text
    assert f'value="{reader}"' in page
    assert f'value="{HELPDESK}"' not in page
    before = people.row_counts()
    answer = browser.post("/users", **ANNA, roles=str(HELPDESK))
    assert answer.status_code == 422
    assert re.search(r'id="roles-error">.*?You cannot give permissions you do not have', answer.text, re.DOTALL)
    assert people.row_counts() == before


def test_whoever_gives_none_is_offered_none(access: Access) -> None:
    creator = access.person("Creator")
    access.grant(access.role("Creator", "users.create", "users.read"), user_id=creator.id)
    assert 'name="roles"' not in access.browser_of(creator).get("/users/new").text


def test_a_role_asks_for_the_password_again_and_keeps_what_was_typed(
    owner: Browser, access: Access, people: People
) -> None:
    role, later = access.role("Reader", "users.read"), now() + timedelta(minutes=11)
    owner.get("/users")
    before = people.row_counts()
    with time_machine.travel(later):
        page = owner.get("/users/new").text
        assert 'name="roles"' not in page
        assert "Enter your password again to give a role" in page
        answer = owner.post("/users", **ANNA, roles=str(role))
        assert answer.status_code == 422
        assert re.search(r'id="roles-error">.*?Enter your password again', answer.text, re.DOTALL)
        assert 'value="anna@example.com"' in answer.text
        assert people.row_counts() == before
        assert owner.post("/users", **ANNA).status_code == 303


@pytest.mark.parametrize("by_form", [True, False])
def test_nobody_creates_more_than_they_are_by_the_way_of_a_group(
    app: App, access: Access, people: People, by_form: bool
) -> None:
    admins, creator = access.group("Admins"), access.person("Creator")
    access.grant(ADMINISTRATOR, group_id=admins)
    access.grant(access.role("Creator", "users.create", "users.read"), user_id=creator.id)
    browser, client = access.browser_of(creator), Api(app, people.token_for(creator))
    before = people.row_counts()
    if by_form:
        answer = browser.post("/users", **ANNA, groups=[str(admins)], password=people.password)
        assert answer.status_code == 422
        assert re.search(r'id="groups-error">.*?You cannot give permissions you do not have', answer.text, re.DOTALL)
    else:
        answer = client.post("/users", ANNA | {"groups": ["Admins"], "password": people.password})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (403, "groups")
    assert people.row_counts() | {"api_tokens": 0} == before | {"api_tokens": 0}
