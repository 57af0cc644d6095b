"""People who get roles and groups with their account, by whoever may give them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from tests.browser_session import Api, Browser
from tests.factories import People
from tests.house import House
from webapp.access.models import ADMINISTRATOR, HELPDESK
from webapp.core.clock import now
from webapp.web.api import App

ANNA = {"email": "anna@example.com", "name": "Anna"}


def test_the_api_gives_them_by_name_or_id(api: Api, house: House) -> None:
    north, role = house.group("Север"), house.role("Reader", "users.read")
    made = api.post("/users", ANNA | {"roles": ["AUDITOR", str(role)], "groups": ["север", str(north)]})
    assert (made.status_code, made.json["roles"], made.json["groups"]) == (201, ["Auditor", "Reader"], ["Север"])


@pytest.mark.parametrize(
    "given", [{"roles": ["nobody"]}, {"groups": ["nowhere"]}, {"roles": "owner"}, {"roles": ["a\x00"]}, {"roles": [1]}]
)
def test_what_is_not_there_is_told_and_makes_nobody(api: Api, people: People, given: dict) -> None:
    before = people.everything()
    response = api.post("/users", ANNA | given)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].partition(".")[0] in {"roles", "groups"}
    assert people.everything() == before


def test_nobody_gives_with_an_account_what_they_do_not_hold(app: App, house: House, people: People) -> None:
    creator = house.someone("Creator")
    house.grant(house.role("Creator", "users.create", "users.read", "roles.grant"), user_id=creator.id)
    client = Api(app, people.token_of(creator))
    before = people.everything()
    assert client.post("/users", ANNA | {"roles": ["owner"]}).status_code == 403
    assert people.everything() == before


def test_who_creates_within_one_group_creates_in_it(house: House, people: People) -> None:
    north, creator = house.group("North"), house.someone("Creator")
    house.grant(house.role("Local", "users.create", "users.read"), user_id=creator.id, scope_id=north)
    browser: Browser = house.browser_of(creator)
    assert browser.post("/users", **ANNA).status_code == 303
    assert "Anna" in browser.get("/users").text
    assert people.row(email="anna@example.com")["status"] == "invited"


def test_a_local_helpdesk_creates_nobody(house: House, people: People) -> None:
    north, helper = house.group("North"), house.someone("Helper")
    house.grant(HELPDESK, user_id=helper.id, scope_id=north)
    before = people.everything()
    assert house.browser_of(helper).post("/users", **ANNA).status_code == 403
    assert people.row(email="anna@example.com") is None
    assert people.everything()["users"] == before["users"]


def test_the_form_gives_groups_and_a_role(owner: Browser, house: House, people: People) -> None:
    north, south, role = house.group("North"), house.group("South"), house.role("Reader", "users.read")
    page = owner.get("/users/new").text
    assert all(f'value="{each}"' in page for each in (north, south, role))
    answer = owner.post("/users", **ANNA, groups=[str(north), str(south)], roles=str(role))
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    assert all(name in page for name in ("North", "South", "Reader"))


def test_who_creates_within_several_groups_says_in_which(house: House, people: People) -> None:
    north, south, creator = house.group("North"), house.group("South"), house.someone("Creator")
    elsewhere, role = house.group("Elsewhere"), house.role("Local", "users.create", "users.read")
    for scope in (north, south):
        house.grant(role, user_id=creator.id, scope_id=scope)
    browser = house.browser_of(creator)
    page = browser.get("/users/new").text
    assert f'value="{south}"' in page
    assert f'value="{elsewhere}"' not in page
    before = people.everything()
    for groups, words in (
        ([], "Choose at least one group."),
        ([str(elsewhere)], "do not let you do this"),
        (["x"], ""),
    ):
        answer = browser.post("/users", **ANNA, groups=groups)
        assert answer.status_code == 422
        assert re.search(r'id="groups-error">.*?' + words, answer.text, re.DOTALL)
        assert 'value="anna@example.com"' in answer.text
    assert people.everything() == before
    assert browser.post("/users", **ANNA, groups=[str(south)]).status_code == 303
    assert "Anna" in house.browser_of(creator).get("/users?group=South").text


def test_only_roles_that_one_may_give_are_offered(house: House, people: People) -> None:
    creator, reader = house.someone("Creator"), house.role("Reader", "users.read")
    house.grant(house.role("Creator", "users.create", "users.read", "roles.grant"), user_id=creator.id)
    browser = house.browser_of(creator)
    page = browser.get("/users/new").text
    assert f'value="{reader}"' in page
    assert f'value="{HELPDESK}"' not in page
    before = people.everything()
    answer = browser.post("/users", **ANNA, roles=str(HELPDESK))
    assert answer.status_code == 422
    assert re.search(r'id="roles-error">.*?Nobody can give what they do not hold', answer.text, re.DOTALL)
    assert people.everything() == before


def test_whoever_gives_none_is_offered_none(house: House) -> None:
    creator = house.someone("Creator")
    house.grant(house.role("Creator", "users.create", "users.read"), user_id=creator.id)
    assert 'name="roles"' not in house.browser_of(creator).get("/users/new").text


def test_a_role_asks_for_the_password_again_and_keeps_what_was_typed(
    owner: Browser, house: House, people: People
) -> None:
    role, later = house.role("Reader", "users.read"), now() + timedelta(minutes=11)
    owner.get("/users")
    before = people.everything()
    with time_machine.travel(later):
        page = owner.get("/users/new").text
        assert 'name="roles"' not in page
        assert "Enter your password again to give a role" in page
        answer = owner.post("/users", **ANNA, roles=str(role))
        assert answer.status_code == 422
        assert re.search(r'id="roles-error">.*?Enter your password again', answer.text, re.DOTALL)
        assert 'value="anna@example.com"' in answer.text
        assert people.everything() == before
        assert owner.post("/users", **ANNA).status_code == 303


@pytest.mark.parametrize("by_form", [True, False])
def test_nobody_creates_more_than_they_are_by_the_way_of_a_group(
    app: App, house: House, people: People, by_form: bool
) -> None:
    admins, creator = house.group("Admins"), house.someone("Creator")
    house.grant(ADMINISTRATOR, group_id=admins)
    house.grant(house.role("Creator", "users.create", "users.read"), user_id=creator.id)
    browser, client = house.browser_of(creator), Api(app, people.token_of(creator))
    before = people.everything()
    if by_form:
        answer = browser.post("/users", **ANNA, groups=[str(admins)], password=people.password)
        assert answer.status_code == 422
        assert re.search(r'id="groups-error">.*?Nobody can give what they do not hold', answer.text, re.DOTALL)
    else:
        answer = client.post("/users", ANNA | {"groups": ["Admins"], "password": people.password})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (403, "groups")
    assert people.everything() | {"api_tokens": 0} == before | {"api_tokens": 0}
