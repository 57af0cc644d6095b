"""Sensitive pages require the password again, ten minutes after it was entered."""

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


def test_a_sensitive_page_requires_the_password(eleven_minutes_later: Browser) -> None:
    response = eleven_minutes_later.get("/roles/new")
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert eleven_minutes_later.get("/users").status_code == 200


def test_undo_of_a_grant_requires_the_password(eleven_minutes_later: Browser, people: People, app: App) -> None:
    owner = people.owner()
    with app.app_context():
        record = latest_records_of(owner.id, 9)[-2]
    assert record.action == "role.granted"
    assert eleven_minutes_later.get(f"/audit/{record.id}/undo").location.startswith("/confirm?next=/audit/")
    before = people.row_counts()
    assert eleven_minutes_later.post(f"/audit/{record.id}/undo").location.startswith("/confirm")
    assert people.row_counts() == before


def test_the_right_password_redirects_to_the_page(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="/roles/new")
    assert (response.status_code, response.location) == (303, "/roles/new")
    assert eleven_minutes_later.get("/roles/new").status_code == 200


@pytest.mark.parametrize("password", ["", "wrong", "x" * 2000, "\x00", "correct horse battery stapl"])
def test_a_wrong_password_is_refused(eleven_minutes_later: Browser, password: str) -> None:
    assert eleven_minutes_later.post("/confirm", password=password, next="/roles/new").status_code == 422
    assert eleven_minutes_later.get("/roles/new").status_code == 303


def test_redirects_stay_on_this_site(eleven_minutes_later: Browser, people: People) -> None:
    response = eleven_minutes_later.post("/confirm", password=people.password, next="//evil.example")
    assert response.location == "/"


def test_a_form_sent_too_late_changes_nothing_and_is_shown_again(eleven_minutes_later: Browser, people: People) -> None:
    before = people.row_counts()
    data = {"csrf_token": eleven_minutes_later.csrf_token(), "name": "Reader", "permissions": "users.read"}
    headers = {"Referer": "http://localhost/roles/new"}
    response = eleven_minutes_later.client.post("/roles", data=data, headers=headers)
    assert (response.status_code, response.location) == (303, "/confirm?next=/roles/new")
    assert people.row_counts() == before


def test_no_password_is_required_just_after_signing_in(owner: Browser) -> None:
    assert owner.get("/roles/new").status_code == 200
