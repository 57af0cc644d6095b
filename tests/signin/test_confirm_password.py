"""What is sensitive asks for the password again, ten minutes after it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.factories import People
from webapp.audit.queries import latest_records_of
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

SIGNED_IN_AT = datetime(2030, 1, 7, 12, tzinfo=UTC)
LATER = SIGNED_IN_AT + timedelta(minutes=11)


@pytest.fixture
def eleven_minutes_later(app: App, people: People) -> Browser:
    """The browser of an owner who signed in eleven minutes ago and read a page since."""
    with time_machine.travel(SIGNED_IN_AT, tick=False):
        people.owner()
        browser = Browser(app).sign_in("olga@example.com")
    with time_machine.travel(LATER, tick=False):
        yield browser


def test_a_sensitive_page_asks_for_it(eleven_minutes_later: Browser) -> None:
    response = eleven_minutes_later.get("/roles/new")
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert eleven_minutes_later.get("/users").status_code == 200


def test_so_does_taking_a_role_back_by_undo(eleven_minutes_later: Browser, people: People, app: App) -> None:
    owner = people.owner()
    with app.app_context():
        record = latest_records_of(owner.id, 9)[-2]
    assert record.action == "role.granted"
    assert eleven_minutes_later.get(f"/audit/{record.id}/undo").location.startswith("/confirm?next=/audit/")
    before = people.row_counts()
    assert eleven_minutes_later.post(f"/audit/{record.id}/undo").location.startswith("/confirm")
    assert people.row_counts() == before


def test_the_right_one_leads_on(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="/roles/new")
    assert (response.status_code, response.location) == (303, "/roles/new")
    assert eleven_minutes_later.get("/roles/new").status_code == 200


@pytest.mark.parametrize("password", ["", "wrong", "x" * 2000, "\x00", "correct horse battery stapl"])
def test_a_wrong_one_does_not(eleven_minutes_later: Browser, password: str) -> None:
    assert eleven_minutes_later.post("/confirm", password=password, next="/roles/new").status_code == 422
    assert eleven_minutes_later.get("/roles/new").status_code == 303


def test_nobody_is_led_away_from_here(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="//evil.example")
    assert response.location == "/"


def test_a_form_that_was_open_for_long_changes_nothing_and_comes_back(
    eleven_minutes_later: Browser, people: People
) -> None:
    before = people.row_counts()
    data = {"csrf_token": eleven_minutes_later.csrf_token(), "name": "Reader", "permissions": "users.read"}
    headers = {"Referer": "http://localhost/roles/new"}
    response = eleven_minutes_later.client.post("/roles", data=data, headers=headers)
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert people.row_counts() == before


def test_whoever_just_signed_in_is_not_asked(owner: Browser) -> None:
    assert owner.get("/roles/new").status_code == 200
