"""Visibility and editing of attributes by staff, by administrators and by the users themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributes.conftest import Catalogue, set_value
from tests.clients import Api, Browser
from tests.factories import People
from webapp.access.models import HELPDESK
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def helper(app: App, people: People) -> Browser:
    """A browser of a user who can see and edit people, but not settings."""
    people.create(email="help@example.com", password=people.password, roles=[HELPDESK])
    return Browser(app).signed_in_as("help@example.com")


@pytest.fixture
def someone(people: People, catalogue: Catalogue) -> UserOut:
    """A user with a secret that only administrators see, and a note that only administrators edit."""
    catalogue.define("secret", visible_to="administrators", editable_by="administrators", required=True)
    catalogue.define("note", editable_by="administrators")
    catalogue.define("room")
    return people.create(attributes={"secret": "hush", "note": "good", "room": "12"})


def edit(browser: Browser, user: UserOut, **attributes: str) -> Any:
    fields = {f"attributes.{key}": value for key, value in attributes.items()}
    return browser.post(f"/users/{user.id}", name=user.name, email=user.email, version=str(user.version), **fields)


def test_hidden_values_are_on_no_page(helper: Browser, owner: Browser, someone: UserOut) -> None:
    for path in (f"/users/{someone.id}", f"/users/{someone.id}/edit", f"/users/{someone.id}/activity"):
        assert "hush" not in helper.get(path).text
        assert "hush" in owner.get(path).text


def test_hidden_values_are_not_in_the_api(app: App, people: People, helper: Browser, someone: UserOut) -> None:
    token = people.token_for(people.create(password=people.password, roles=[HELPDESK], attributes={"secret": "x"}))
    assert Api(app, token).get(f"/users/{someone.id}").json["attributes"] == {"note": "good", "room": "12"}


def test_hidden_values_stay_when_others_change(helper: Browser, people: People, someone: UserOut) -> None:
    assert edit(helper, someone, room="13").status_code == 303
    assert people.row(id=someone.id)["attributes"] == {"secret": "hush", "note": "good", "room": "13"}


def test_attributes_without_permission_have_no_field_and_are_not_changed(
    helper: Browser, people: People, someone: UserOut, app: App
) -> None:
    page = helper.get(f"/users/{someone.id}/edit").text
    assert "attributes.note" not in page
    assert "attributes.room" in page
    edit(helper, someone, note="bad", secret="known")
    assert people.row(id=someone.id)["attributes"]["note"] == "good"
    assert people.row(id=someone.id)["attributes"]["secret"] == "hush"


def test_a_required_attribute_without_permission_does_not_prevent_an_edit(
    helper: Browser, people: People, catalogue: Catalogue
) -> None:
    user = people.create()
    catalogue.define("secret", visible_to="administrators", editable_by="administrators", required=True)
    catalogue.define("room")
    assert edit(helper, user, room="13").status_code == 303


def test_people_can_edit_their_own_attributes(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("phone", editable_by="themselves")
    catalogue.define("room")
    page = member.get("/account").text
    assert "attributes.phone" in page
    assert "attributes.room" not in page
    response = member.post("/account/attributes", **{"attributes.phone": "+7 900", "attributes.room": "1"})
    assert response.status_code == 303
    row = people.row(email="member@example.com")
    assert row["attributes"] == {"phone": "+7 900"}
    assert people.audit_trail(row["id"])[-1] == ("user.updated", {"attributes.phone": [None, "+7 900"]})


def test_an_invalid_value_is_explained_on_the_account_page(
    member: Browser, people: People, catalogue: Catalogue
) -> None:
    catalogue.define("phone", "number", editable_by="themselves")
    response = member.post("/account/attributes", **{"attributes.phone": "many"})
    assert response.status_code == 422
    assert 'id="attributes.phone-error"' in response.text
    assert people.row(email="member@example.com")["attributes"] == {}


def test_the_account_page_shows_attributes_that_staff_can_see(
    member: Browser, people: People, catalogue: Catalogue
) -> None:
    catalogue.define("room")
    catalogue.define("secret", visible_to="administrators", editable_by="administrators")
    user_id = people.row(email="member@example.com")["id"]
    set_value(people.app, user_id, "room", "Room 12")
    set_value(people.app, user_id, "secret", "hush")
    page = member.get("/account").text
    assert "Room 12" in page
    assert "hush" not in page


def test_people_outside_the_users_reach_cannot_be_named(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("friend", "person", editable_by="themselves")
    people.create(email="far@example.com")
    response = member.post("/account/attributes", **{"attributes.friend": "far@example.com"})
    assert "This user does not exist." in response.text
