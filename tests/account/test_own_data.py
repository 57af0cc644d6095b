"""People change their own name, see what happened to their account, and download their data."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp, themselves
from tests.factories import TESTER, People
from webapp.api_tokens.services import create_token
from webapp.attributes.services import create_attribute
from webapp.core.clock import now
from webapp.users.queries import get_user, get_user_by_identifier
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

MEMBER = "member@example.com"


def test_the_name_is_saved(member: Browser, people: People) -> None:
    assert member.post("/account/name", name="Другое Имя").status_code == 303
    row = people.row(email=MEMBER)
    assert people.audit_trail(row["id"])[-1] == ("user.updated", {"name": ["Only Member", "Другое Имя"]})


@pytest.mark.parametrize("name", ["", "\x00", "\u202e", "x" * 201, None])
def test_other_names_are_refused(member: Browser, people: People, name: str | None) -> None:
    before, row = people.row_counts(), people.row(email=MEMBER)
    assert member.post("/account/name", name=name).status_code == 422
    assert (people.row_counts(), people.row(email=MEMBER)) == (before, row)


def test_activity_shows_only_what_happened_to_oneself(member: Browser, people: People) -> None:
    people.create(name="Somebody Else")
    member.post("/account/name", name="Другое Имя")
    page = member.get("/account/activity").text
    assert "Другое Имя" in page
    assert "Somebody Else" not in page


def test_the_data_holds_everything_but_secrets(app: App, member: Browser, people: People) -> None:
    row = people.row(email=MEMBER)
    seed, codes = add_totp(app, row["id"]), add_recovery_codes(app, row["id"])
    answer = member.get("/account/data")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.json["user"]["email"] == MEMBER
    lists = {"sessions", "api_tokens", "activity", "activity_archived_before", "photos", "notes"}
    lists |= {"former_identities", "known_devices", "failed_attempts"}
    assert set(answer.json) == {"user", "password_changed_at", "factors"} | lists
    assert not any(secret in answer.text for secret in (seed, row["password_hash"], *codes))


def test_the_data_lists_api_tokens_without_their_secrets(app: App, member: Browser, people: People) -> None:
    with app.app_context():
        user = get_user_by_identifier(MEMBER)
        token = create_token(user, name="HR sync", scopes=[], by=themselves(user.id)).secret
        create_token(get_user(people.owner().id), name="of somebody else", by=TESTER)
    answer = member.get("/account/data")
    (listed,) = answer.json["api_tokens"]
    assert (listed["name"], listed["scopes"], listed["state"]) == ("HR sync", [], "active")
    assert token.startswith(listed["begins_with"])
    assert token not in answer.text


def test_the_data_lists_former_addresses_devices_and_failed_attempts(app: App, member: Browser, people: People) -> None:
    with app.app_context():
        update_user(people.row(email=MEMBER)["id"], email="new@example.com", by=TESTER)
    browser = Browser(app)
    browser.post("/login", email="new@example.com", password="wrong passphrase")
    browser.sign_in("new@example.com")
    data = browser.get("/account/data").json
    assert [(row["kind"], row["value"]) for row in data["former_identities"]] == [("email", MEMBER)]
    assert len(data["known_devices"]) == 1
    assert [(row["kind"], row["address"]) for row in data["failed_attempts"]] == [("sign_in.failed", "127.0.0.1")]


def test_attributes_that_only_administrators_see_are_not_in_it(app: App, member: Browser, people: People) -> None:
    with app.app_context():
        hidden = {"visible_to": "administrators", "editable_by": "administrators"}
        create_attribute(key="notes", kind="text", label_en="Notes", label_ru="Заметки", by=TESTER, **hidden)
        update_user(people.row(email=MEMBER)["id"], attributes={"notes": "secret remark"}, by=TESTER)
    assert "secret remark" not in member.get("/account/data").text
    assert "secret remark" not in member.get("/account/activity").text


def test_the_data_takes_a_recent_confirmation(member: Browser) -> None:
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert member.get("/account/data").location.startswith("/confirm")
