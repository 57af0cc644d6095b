"""People who must add a second factor or change their password do that first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from tests.clients import Api, Browser
from tests.factor_factory import add_totp
from tests.factories import People
from tests.query_counter import captured_queries
from webapp.core.clock import now
from webapp.db.session import db
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ASKS = "Add a second factor by"
ALLOWED = ("/account/factors", "/account/factors/recovery-codes", "/account/factors/passkeys/new", "/confirm")
REFUSED = ("/", "/users", "/account", "/account/sessions", "/roles", "/account/password")


@pytest.fixture(autouse=True)
def for_staff(change_settings: Callable[..., None]) -> None:
    change_settings(mfa_required="staff", mfa_grace_days=14)


def due_at(people: People, email: str = "olga@example.com") -> Any:
    row = people.row(email=email)
    assert row
    return row["second_factor_due_at"]


@pytest.fixture
def overdue(app: App, owner: Browser, people: People) -> Browser:
    """The browser of an owner who should have added a second factor yesterday."""
    with app.app_context():
        db.session.execute(update(User).values(second_factor_due_at=now() - timedelta(days=1)))
        db.session.commit()
    return owner


def test_staff_are_asked_until_a_day(owner: Browser, people: People) -> None:
    days = (due_at(people) - now()).days
    assert days == 13
    for path in ("/users", "/account"):
        assert ASKS in owner.get(path).text


def test_the_days_begin_once(app: App, owner: Browser, people: People) -> None:
    before = due_at(people)
    with time_machine.travel(now() + timedelta(days=3)):
        Browser(app).signed_in_as("olga@example.com")
    assert due_at(people) == before


def test_people_without_permission_are_not_asked(member: Browser, people: People) -> None:
    assert due_at(people, "member@example.com") is None
    assert ASKS not in member.get("/account").text


def test_everyone_can_be_asked(app: App, member: Browser, people: People, change_settings: Callable[..., None]) -> None:
    change_settings(mfa_required="everyone")
    assert "needs a second factor" in member.get("/account").text
    assert ASKS in Browser(app).signed_in_as("member@example.com").get("/account").text


def test_nobody_is_asked_if_it_is_off(overdue: Browser, change_settings: Callable[..., None]) -> None:
    change_settings(mfa_required="off")
    page = overdue.get("/users")
    assert (page.status_code, "second factor" in page.text) == (200, False)


def test_afterwards_only_the_page_to_add_one_opens(overdue: Browser, people: People) -> None:
    before = people.row_counts()
    for path in REFUSED:
        assert overdue.get(path).location == "/account/factors", path
    assert overdue.post("/users", name="Anna", email="anna@example.com").location == "/account/factors"
    assert people.row_counts() == before
    for path in ALLOWED:
        assert overdue.get(path).status_code == 200, path
    assert "to continue" in overdue.get("/account/factors").text


def test_signing_out_and_preferences_work_meanwhile(overdue: Browser) -> None:
    assert overdue.post("/account/preferences", theme="dark", next="/account/factors").location == "/account/factors"
    assert overdue.post("/logout").location == "/login"


def test_all_pages_open_after_it_was_added(app: App, overdue: Browser, people: People) -> None:
    add_totp(app, people.owner().id)
    page = overdue.get("/users")
    assert (page.status_code, "second factor" in page.text) == (200, False)


def test_without_days_it_is_required_at_once(
    app: App, owner: Browser, people: People, change_settings: Callable[..., None]
) -> None:
    change_settings(mfa_grace_days=0)
    anna = people.create(email="anna@example.com", name="Anna", password=people.password)
    assert anna
    with app.app_context():
        db.session.execute(update(User).values(second_factor_due_at=None))
        db.session.commit()
    assert Browser(app).signed_in_as("olga@example.com").get("/users").location == "/account/factors"
    assert Browser(app).signed_in_as("anna@example.com").get("/account").status_code == 200


def test_api_tokens_are_not_affected(app: App, overdue: Browser, people: People) -> None:
    assert Api(app, people.token_for(people.owner())).get("/users").status_code == 200


@pytest.fixture
def given_password(app: App, owner: Browser) -> None:
    """The passwords of all people are those that somebody else set."""
    with app.app_context():
        db.session.execute(update(User).values(password_change_required=True))
        db.session.commit()


@pytest.mark.usefixtures("given_password")
def test_a_password_of_somebody_else_is_changed_first(overdue: Browser, change_settings: Callable[..., None]) -> None:
    change_settings(password_change_required="on")
    for path in ("/users", "/account/factors", "/account"):
        assert overdue.get(path).location == "/account/password", path
    assert overdue.get("/account/password").status_code == 200


@pytest.mark.usefixtures("given_password")
def test_the_password_may_stay_if_the_setting_is_off(owner: Browser, change_settings: Callable[..., None]) -> None:
    change_settings(password_change_required="off")
    assert owner.get("/users").status_code == 200


def test_the_check_of_a_session_stays_one_statement(app: App, overdue: Browser) -> None:
    with captured_queries(app) as queries:
        assert overdue.get("/account/password").status_code == 303
    assert len(queries) == 1
