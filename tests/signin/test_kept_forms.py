"""A form whose session ended, or that needs a recent password, comes back filled in and is sent with one click."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine

from tests.clients import Browser
from tests.factor_factory import add_totp, totp_code
from tests.factories import TESTER, People
from tests.form_fields import form_fields
from webapp.attributes.services import create_attribute
from webapp.core.clock import now
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ORIGIN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
ANNA = {"name": "Анна <Иванова>", "email": "anna@example.com", "username": "anna"}


def send(browser: Browser, path: str, headers: dict[str, str] = ORIGIN, **fields: Any) -> Any:
    data = {"csrf_token": browser.csrf_token(), **fields}
    return browser.client.post(path, data=data, headers={"Referer": f"http://localhost{path}/new", **headers})


def kept(page: str) -> str:
    found = re.search(r'name="kept"[^>]*value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def click_continue(browser: Browser, page: str, path: str) -> Any:
    """Send the form of the page that shows what was kept, as the browser does."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    return browser.client.post(path, data=form_fields(page, path) | {"csrf_token": token[1]})


@pytest.fixture
def old_session(app: App, people: People) -> Browser:
    """The browser of an owner whose password was entered eleven minutes ago."""
    people.owner()
    with time_machine.travel(now() - timedelta(minutes=11)):
        return Browser(app).signed_in_as("olga@example.com")


def test_after_signing_in_the_form_is_sent_with_one_click(visitor: Browser, people: People) -> None:
    people.owner()
    asked = send(visitor, "/users", **ANNA)
    assert (asked.status_code, "Your session has ended" in asked.text) == (401, True)
    shown = send(visitor, "/login", email="olga@example.com", password=people.password, kept=kept(asked.text))
    assert (shown.status_code, "Анна &lt;Иванова&gt;" in shown.text) == (200, True)
    assert people.row(email="anna@example.com") is None
    assert click_continue(visitor, shown.text, "/users").status_code == 303
    row = people.row(email="anna@example.com")
    assert row
    assert row["name"] == ANNA["name"]


def show_kept(visitor: Browser, people: People, **fields: Any) -> Any:
    """Return the page after signing in that shows these fields of a form."""
    people.owner()
    first = kept(send(visitor, "/users", **fields).text)
    return send(visitor, "/login", email="olga@example.com", password=people.password, kept=first)


def test_the_page_says_what_its_button_does_and_shows_texts_for_people(visitor: Browser, people: People) -> None:
    page = show_kept(visitor, people, **ANNA, locale="ru", version="7", button="Add user").text
    assert "<bdi>Add user</bdi>" in page
    assert page.count("Add user") >= 3
    assert "Русский" in page
    assert "<dt>version" not in page


def test_attributes_whose_key_ends_like_a_technical_field_are_shown(app: App, visitor: Browser, people: People) -> None:
    with app.app_context():
        create_attribute(key="employee_id", kind="text", label_en="Employee", label_ru="Табельный номер", by=TESTER)
    assert "E-4711" in shown_part(show_kept(visitor, people, **ANNA, **{"attributes.employee_id": "E-4711"}).text)


def shown_part(page: str) -> str:
    """Return the list of fields, without the hidden inputs."""
    return page.partition("<dl")[2].partition("</dl>")[0]


def test_a_form_without_a_named_button_is_continued(visitor: Browser, people: People) -> None:
    assert "Continue where you were" in show_kept(visitor, people, **ANNA).text


@pytest.mark.parametrize("value", ["x" * 5000, "\x00", "\u202e", "😀", "<b>", "9" * 400, "2031-13-99", " "])
def test_values_that_are_not_valid_are_shown_too(app: App, visitor: Browser, people: People, value: str) -> None:
    with app.app_context():
        for key, kind in (("hours", "number"), ("boss", "person")):
            create_attribute(key=key, kind=kind, label_en=key, label_ru=key, by=TESTER)
    names = ("name", "locale", "theme", "status", "starts_at", "attributes.hours", "attributes.boss", "button")
    page = show_kept(visitor, people, **dict.fromkeys(names, value))
    assert (page.status_code, "<b>" in page.text) == (200, False)


def test_a_wrong_password_keeps_the_form(visitor: Browser, people: People) -> None:
    people.owner()
    first = kept(send(visitor, "/users", **ANNA).text)
    again = send(visitor, "/login", email="olga@example.com", password="wrong passphrase", kept=first)
    assert (again.status_code, kept(again.text)) == (422, first)


def test_the_second_step_keeps_the_form(app: App, visitor: Browser, people: People) -> None:
    seed = add_totp(app, people.owner().id)
    first = kept(send(visitor, "/users", **ANNA).text)
    second = send(visitor, "/login", email="olga@example.com", password=people.password, kept=first)
    assert (second.status_code, kept(second.text)) == (200, first)
    shown = send(visitor, "/login/second-factor", code=totp_code(seed), kept=first)
    assert click_continue(visitor, shown.text, "/users").status_code == 303


def test_a_second_step_that_came_too_late_keeps_the_form(app: App, visitor: Browser, people: People) -> None:
    seed = add_totp(app, people.owner().id)
    first = kept(send(visitor, "/users", **ANNA).text)
    send(visitor, "/login", email="olga@example.com", password=people.password, kept=first)
    with time_machine.travel(now() + timedelta(minutes=11)):
        late = send(visitor, "/login/second-factor", code=totp_code(seed), kept=first)
        assert (late.status_code, "Enter your password again" in late.text) == (410, True)
        assert kept(late.text) == first


@pytest.mark.parametrize("path", ["/login/passkey", "/confirm/passkey"])
def test_a_passkey_form_with_an_old_token_keeps_the_form(visitor: Browser, old_session: Browser, path: str) -> None:
    first = kept(send(visitor, "/users", **ANNA).text)
    browser = visitor if path == "/login/passkey" else old_session
    answer = send(browser, path, csrf_token="old", credential="{}", kept=first)
    assert (answer.status_code, kept(answer.text)) == (400, first)


def test_after_confirming_the_form_is_sent_with_one_click(old_session: Browser, people: People) -> None:
    asked = send(old_session, "/roles", name="Reader", permissions="users.read", description="Reads all")
    assert (asked.status_code, "What you entered is kept" in asked.text) == (403, True)
    shown = send(old_session, "/confirm", password=people.password, kept=kept(asked.text))
    assert (shown.status_code, people.row_counts()["roles"]) == (200, 0)
    assert click_continue(old_session, shown.text, "/roles").status_code == 303
    assert people.row_counts()["roles"] == 1


def test_a_form_from_before_a_new_sign_in_is_sent_with_one_click(owner: Browser, people: People) -> None:
    shown = send(owner, "/users", csrf_token="of the session before", **ANNA)
    assert (shown.status_code, "What you entered is kept" in shown.text) == (400, True)
    assert 'href="/users/new"' in shown.text
    assert people.row(email="anna@example.com") is None
    assert click_continue(owner, shown.text, "/users").status_code == 303
    assert people.row(email="anna@example.com")


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_other_sites_cannot_offer_a_form_to_send(owner: Browser, people: People, headers: dict[str, str]) -> None:
    before = people.row_counts()
    refused = send(owner, "/users", headers, csrf_token="wrong", **ANNA)
    assert (refused.status_code, ANNA["email"] in refused.text) == (400, False)
    assert people.row_counts() == before


def test_passwords_tokens_and_files_are_not_kept(visitor: Browser, people: People) -> None:
    people.owner()
    secrets = {"password": "secret-1", "current_password": "secret-2", "new_password": "secret-3", "code": "secret-4"}
    page = send(visitor, "/users", **ANNA, **secrets, file=(BytesIO(b"secret-5"), "people.csv")).text
    assert "secret-" not in page
    assert {name for name, _value in json.loads(kept(page))["fields"]} == set(ANNA)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_forms_of_other_sites_are_not_kept(
    visitor: Browser, old_session: Browser, people: People, headers: dict[str, str]
) -> None:
    assert send(visitor, "/users", headers, **ANNA).location == "/login"
    assert send(old_session, "/roles", headers, name="Reader").location.startswith("/confirm")


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
@pytest.mark.parametrize("path", ["/login", "/login/second-factor"])
def test_other_sites_cannot_plant_a_form(app: App, people: People, path: str, headers: dict[str, str]) -> None:
    planted = json.dumps({"action": "/roles", "fields": [["name", "Planted"]]})
    page = app.test_client().post(path, data={"kept": planted}, headers=headers)
    assert (page.status_code, kept(page.text)) == (400, "")


def test_other_sites_cannot_plant_a_form_in_a_confirmation(old_session: Browser) -> None:
    planted = json.dumps({"action": "/roles", "fields": [["name", "Planted"]]})
    page = send(old_session, "/confirm", {"Origin": "https://evil.example"}, password="wrong", kept=planted)
    assert (page.status_code, kept(page.text)) == (422, "")


def test_too_long_forms_are_not_kept(visitor: Browser, people: People) -> None:
    people.owner()
    assert send(visitor, "/users", name="x" * 70_000).location == "/login"
    assert send(visitor, "/users", name=["x"] * 600).location == "/login"


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "[]",
        "null",
        "{}",
        '{"action": 1, "fields": []}',
        '{"action": "/users", "fields": [1]}',
        '{"action": "/users", "fields": [["a", 1]]}',
        '{"action": "//evil.example/", "fields": [["a", "b"]]}',
        '{"action": "https://evil.example/", "fields": [["a", "b"]]}',
        '{"action": "javascript:x", "fields": [["a", "b"]]}',
        "[" * 60_000,
        "\x00",
    ],
)
def test_a_wrong_field_is_ignored(visitor: Browser, people: People, value: str) -> None:
    people.owner()
    answer = send(visitor, "/login", email="olga@example.com", password=people.password, kept=value)
    assert (answer.status_code, answer.location) == (303, "/")


def test_what_is_kept_is_escaped(visitor: Browser, people: People) -> None:
    people.owner()
    asked = send(visitor, "/users", name='"><script>alert(1)</script>')
    shown = send(visitor, "/login", email="olga@example.com", password=people.password, kept=kept(asked.text))
    assert "<script>alert" not in asked.text + shown.text
