"""People who get roles and groups with their account, by whoever may give them."""

from __future__ import annotations

import pytest

from tests.browser_session import Api, Browser
from tests.factories import People
from tests.house import House
from webapp.access.models import HELPDESK
from webapp.core.api import App

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
