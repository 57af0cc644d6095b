"""Create users with roles and groups."""

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

pytestmark = pytest.mark.one_engine

ANNA = {"email": "anna@example.com", "name": "Anna"}


def test_the_api_accepts_roles_and_groups_by_name_or_id(api: Api, access: Access) -> None:
    north, role = access.group("Север"), access.role("Reader", "users.read")
    created = api.post("/users", ANNA | {"roles": ["AUDITOR", str(role)], "groups": ["север", str(north)]})
    assert (created.status_code, created.json["roles"], created.json["groups"]) == (
        201,
        ["Auditor", "Reader"],
        ["Север"],
    )


@pytest.mark.parametrize(
    "body", [{"roles": ["nobody"]}, {"groups": ["nowhere"]}, {"roles": "owner"}, {"roles": ["a\x00"]}, {"roles": [1]}]
)
def test_an_unknown_role_or_group_creates_no_user(api: Api, people: People, body: dict) -> None:
    before = people.row_counts()
    response = api.post("/users", ANNA | body)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].partition(".")[0] in {"roles", "groups"}
    assert people.row_counts() == before


def test_a_creator_cannot_give_permissions_they_do_not_have(app: App, access: Access, people: People) -> None:
    creator = access.person("Creator")
    access.grant(access.role("Creator", "users.create", "users.read", "roles.grant"), user_id=creator.id)
    client = Api(app, people.token_for(creator))
    before = people.row_counts()
    assert client.post("/users", ANNA | {"roles": ["owner"]}).status_code == 403
    assert people.row_counts() == before


def test_a_creator_within_one_group_adds_people_to_it(access: Access, people: People) -> None:
    north, creator = access.group("North"), access.person("Creator")
    access.grant(access.role("Local", "users.create", "users.read"), user_id=creator.id, scope_id=north)
    browser: Browser = access.browser_of(creator)
    assert browser.post("/users", **ANNA).status_code == 303
    assert "Anna" in browser.get("/users").text
    assert people.row(email="anna@example.com")["status"] == "invited"


def test_the_helpdesk_role_cannot_create_users(access: Access, people: People) -> None:
    north, helper = access.group("North"), access.person("Helper")
    access.grant(HELPDESK, user_id=helper.id, scope_id=north)
    before = people.row_counts()
    assert access.browser_of(helper).post("/users", **ANNA).status_code == 403
    assert people.row(email="anna@example.com") is None
    assert people.row_counts()["users"] == before["users"]


def test_the_form_gives_groups_and_one_role(owner: Browser, access: Access, people: People) -> None:
    north, south, role = access.group("North"), access.group("South"), access.role("Reader", "users.read")
    page = owner.get("/users/new").text
    assert all(f'value="{each}"' in page for each in (north, south, role))
    answer = owner.post("/users", **ANNA, groups=[str(north), str(south)], roles=str(role))
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    assert all(name in page for name in ("North", "South", "Reader"))


def test_a_creator_within_several_groups_chooses_one(access: Access, people: People) -> None:
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
        ([str(elsewhere)], "This group does not exist"),
        (["x"], ""),
    ):
        answer = browser.post("/users", **ANNA, groups=groups)
        assert answer.status_code == 422
        assert re.search(r'id="groups-error">.*?' + words, answer.text, re.DOTALL)
        assert 'value="anna@example.com"' in answer.text
    assert people.row_counts() == before
    assert browser.post("/users", **ANNA, groups=[str(south)]).status_code == 303
    assert "Anna" in access.browser_of(creator).get("/users?group=South").text


def test_the_form_offers_only_roles_that_the_creator_can_give(access: Access, people: People) -> None:
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


def test_the_form_has_no_roles_if_the_creator_cannot_give_any(access: Access) -> None:
    creator = access.person("Creator")
    access.grant(access.role("Creator", "users.create", "users.read"), user_id=creator.id)
    assert 'name="roles"' not in access.browser_of(creator).get("/users/new").text


def test_giving_a_role_requires_the_password_again_and_keeps_the_input(
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
def test_a_creator_cannot_add_people_to_a_group_with_more_permissions(
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
