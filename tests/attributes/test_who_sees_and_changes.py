"""Who sees and who changes an attribute: staff, administrators, people themselves."""

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
    """May see and change people, but no settings."""
    people.create(email="help@example.com", password=people.password, roles=[HELPDESK])
    return Browser(app).signed_in_as("help@example.com")


@pytest.fixture
def someone(people: People, catalogue: Catalogue) -> UserOut:
    """With a secret that only administrators see, and a note that only they change."""
    catalogue.define("secret", visible_to="administrators", editable_by="administrators", required=True)
    catalogue.define("note", editable_by="administrators")
    catalogue.define("room")
    return people.create(attributes={"secret": "hush", "note": "good", "room": "12"})


def edit(browser: Browser, user: UserOut, **given: str) -> Any:
    fields = {f"attributes.{key}": value for key, value in given.items()}
    return browser.post(f"/users/{user.id}", name=user.name, email=user.email, version=str(user.version), **fields)


def test_what_is_hidden_is_on_no_page(helper: Browser, owner: Browser, someone: UserOut) -> None:
    for path in (f"/users/{someone.id}", f"/users/{someone.id}/edit", f"/users/{someone.id}/activity"):
        assert "hush" not in helper.get(path).text
        assert "hush" in owner.get(path).text


def test_nor_in_the_api(app: App, people: People, helper: Browser, someone: UserOut) -> None:
    token = people.token_for(people.create(password=people.password, roles=[HELPDESK], attributes={"secret": "x"}))
    assert Api(app, token).get(f"/users/{someone.id}").json["attributes"] == {"note": "good", "room": "12"}


def test_it_keeps_its_value_when_others_change(helper: Browser, people: People, someone: UserOut) -> None:
    assert edit(helper, someone, room="13").status_code == 303
    assert people.row(id=someone.id)["attributes"] == {"secret": "hush", "note": "good", "room": "13"}


def test_what_one_may_not_change_is_no_field_and_is_refused(
    helper: Browser, people: People, someone: UserOut, app: App
) -> None:
    page = helper.get(f"/users/{someone.id}/edit").text
    assert "attributes.note" not in page
    assert "attributes.room" in page
    edit(helper, someone, note="bad", secret="known")
    assert people.row(id=someone.id)["attributes"]["note"] == "good"
    assert people.row(id=someone.id)["attributes"]["secret"] == "hush"


def test_who_may_not_fill_in_what_is_required_can_still_edit(
    helper: Browser, people: People, catalogue: Catalogue
) -> None:
    user = people.create()
    catalogue.define("secret", visible_to="administrators", editable_by="administrators", required=True)
    catalogue.define("room")
    assert edit(helper, user, room="13").status_code == 303


def test_people_change_of_themselves_what_is_theirs(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("phone", editable_by="themselves")
    catalogue.define("room")
    page = member.get("/account").text
    assert "attributes.phone" in page
    assert "attributes.room" not in page
    answer = member.post("/account/attributes", **{"attributes.phone": "+7 900", "attributes.room": "1"})
    assert answer.status_code == 303
    row = people.row(email="member@example.com")
    assert row["attributes"] == {"phone": "+7 900"}
    assert people.audit_trail(row["id"])[-1] == ("user.updated", {"attributes.phone": [None, "+7 900"]})


def test_what_is_wrong_is_said_on_ones_own_page(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("phone", "number", editable_by="themselves")
    answer = member.post("/account/attributes", **{"attributes.phone": "many"})
    assert answer.status_code == 422
    assert 'id="attributes.phone-error"' in answer.text
    assert people.row(email="member@example.com")["attributes"] == {}


def test_ones_own_page_shows_what_staff_sees(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("room")
    catalogue.define("secret", visible_to="administrators", editable_by="administrators")
    user_id = people.row(email="member@example.com")["id"]
    set_value(people.app, user_id, "room", "Room 12")
    set_value(people.app, user_id, "secret", "hush")
    page = member.get("/account").text
    assert "Room 12" in page
    assert "hush" not in page


def test_nobody_is_named_whom_one_may_not_see(member: Browser, people: People, catalogue: Catalogue) -> None:
    catalogue.define("friend", "person", editable_by="themselves")
    people.create(email="far@example.com")
    answer = member.post("/account/attributes", **{"attributes.friend": "far@example.com"})
    assert "This user does not exist." in answer.text
