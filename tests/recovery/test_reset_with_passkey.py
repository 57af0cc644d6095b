"""A passkey is a second factor of a reset too, also of people who have nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.authenticator import Authenticator
from tests.clients import Browser
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.core.passwords import NO_PASSWORD
from webapp.db.session import db
from webapp.signin.models import SecurityEvent
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA, NEW = "anna@example.com", "a completely different phrase"


@pytest.fixture(autouse=True)
def at_localhost(change_settings: Callable[..., None]) -> None:
    change_settings(base_url="http://localhost")


def add_passkey(app: App, people: People, email: str) -> Authenticator:
    """Create a person who signs in with a passkey only."""
    people.create(email=email, password=People.password)
    browser, passkey = Browser(app).signed_in_as(email), Authenticator()
    browser.csrf_token()
    options = browser.get("/account/factors/passkeys/options").json
    assert browser.post("/account/factors/passkeys", credential=passkey.create(options)).status_code == 303
    with app.app_context():
        db.session.execute(update(User).where(User.email == email).values(password_hash=NO_PASSWORD))
        db.session.commit()
    return passkey


@pytest.fixture
def passkey(app: App, people: People, at_localhost: None) -> Authenticator:
    """The passkey of Anna, her only way in."""
    return add_passkey(app, people, ANNA)


@pytest.fixture
def browser(visitor: Browser, mailbox: Mailbox, passkey: Authenticator) -> Browser:
    """A browser in which the link of Anna's reset is open."""
    visitor.post("/forgot", email=ANNA)
    assert visitor.get(mailbox.link(ANNA)).status_code == 303
    return visitor


def use(browser: Browser, passkey: Authenticator, *, options: str = "/reset/passkey") -> Any:
    browser.csrf_token()
    return browser.post("/reset/passkey", credential=passkey.get(browser.get(options).json))


def test_a_passkey_leads_to_the_new_password(browser: Browser, passkey: Authenticator, people: People) -> None:
    page = browser.get("/reset").text
    assert ('name="credential"' in page, 'name="code"' in page, 'name="password"' in page) == (True, False, False)
    assert use(browser, passkey).location == "/reset"
    assert browser.post("/reset", password=NEW).status_code == 303
    assert browser.get("/account").status_code == 200
    assert people.row(email=ANNA)["password_hash"] != NO_PASSWORD


def test_a_passkey_of_somebody_else_changes_nothing(app: App, browser: Browser, people: People) -> None:
    other, row = add_passkey(app, people, "boris@example.com"), people.row(email=ANNA)
    refused = use(browser, other)
    assert (refused.status_code, "does not belong" in refused.text) == (422, True)
    assert 'name="password"' not in browser.get("/reset").text
    assert people.row(email=ANNA) == row
    with app.app_context():
        assert [event.kind for event in db.session.scalars(select(SecurityEvent))] == ["passkey.failed"]


@pytest.mark.parametrize("credential", ["", "x", "{}", "\x00", "null", "я" * 30_000])
def test_what_is_no_answer_of_a_browser_is_refused(browser: Browser, people: People, credential: str) -> None:
    row = people.row(email=ANNA)
    assert browser.post("/reset/passkey", credential=credential).status_code == 422
    assert 'name="password"' not in browser.get("/reset").text
    assert people.row(email=ANNA) == row


def test_a_challenge_of_a_sign_in_is_refused(browser: Browser, passkey: Authenticator) -> None:
    assert use(browser, passkey, options="/login/passkey").status_code == 422
    assert 'name="password"' not in browser.get("/reset").text


def test_an_answer_is_not_accepted_twice(browser: Browser, passkey: Authenticator, mailbox: Mailbox) -> None:
    browser.csrf_token()
    answer = passkey.get(browser.get("/reset/passkey").json)
    assert browser.post("/reset/passkey", credential=answer).status_code == 303
    browser.post("/forgot", email=ANNA)
    browser.get(mailbox.link(ANNA))
    assert browser.post("/reset/passkey", credential=answer).status_code == 422
    assert 'name="password"' not in browser.get("/reset").text


def test_without_a_link_there_is_no_challenge(app: App, passkey: Authenticator) -> None:
    stranger = Browser(app)
    assert stranger.get("/reset/passkey").status_code == 410
    assert stranger.post("/reset/passkey", credential="{}").status_code == 410
