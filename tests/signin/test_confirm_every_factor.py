"""Sensitive pages ask for every factor that the person has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.authenticator import Authenticator
from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp, totp_code
from tests.factories import People
from webapp.core.clock import now
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

SENSITIVE = "/roles/new"


@pytest.fixture
def seed(app: App, people: People) -> str:
    """The seed of the owner's app."""
    return add_totp(app, people.owner().id)


@pytest.fixture
def browser(app: App, people: People, seed: str) -> Browser:
    """The browser of an owner who signed in eleven minutes ago."""
    with time_machine.travel(now() - timedelta(minutes=11)):
        browser = Browser(app).signed_in_as("olga@example.com")
    assert browser.get(SENSITIVE).location == "/confirm?next=/roles/new"
    return browser


def is_confirmed(browser: Browser) -> bool:
    return browser.get(SENSITIVE).status_code == 200


def test_the_page_says_why_and_asks_for_both(browser: Browser) -> None:
    page = browser.get("/confirm").text
    assert "protects sensitive changes" in page
    assert 'name="password"' in page
    assert 'name="code"' in page


def test_password_and_code_confirm(browser: Browser, people: People, seed: str) -> None:
    answer = browser.post("/confirm", password=people.password, code=totp_code(seed), next=SENSITIVE)
    assert (answer.status_code, answer.location) == (303, SENSITIVE)
    assert is_confirmed(browser)


def test_a_recovery_code_replaces_the_code(app: App, browser: Browser, people: People) -> None:
    code = add_recovery_codes(app, people.owner().id)[0]
    assert browser.post("/confirm", password=people.password, code=code).status_code == 303
    assert is_confirmed(browser)


@pytest.mark.parametrize("code", ["", "000000", "\x00", "x" * 500, "😀"])
def test_the_password_alone_is_refused(browser: Browser, people: People, code: str) -> None:
    before = people.row_counts()
    assert browser.post("/confirm", password=people.password, code=code).status_code == 422
    assert (is_confirmed(browser), people.row_counts() | {"security_events": 0}) == (False, before)


def test_the_code_alone_is_refused(browser: Browser, people: People, seed: str) -> None:
    assert browser.post("/confirm", password="wrong passphrase", code=totp_code(seed)).status_code == 422
    assert not is_confirmed(browser)
    # The code was not used up.
    assert browser.post("/confirm", password=people.password, code=totp_code(seed)).status_code == 303


def test_a_passkey_alone_confirms(app: App, people: People, change_settings: Callable[..., None]) -> None:
    change_settings(base_url="http://localhost")
    people.owner()
    authenticator = Authenticator()
    with time_machine.travel(now() - timedelta(minutes=11)):
        browser = Browser(app).signed_in_as("olga@example.com")
        browser.csrf_token()
        options = browser.get("/account/factors/passkeys/options").json
        browser.post("/account/factors/passkeys", credential=authenticator.create(options))
    assert not is_confirmed(browser)
    change_settings(base_url="http://192.0.2.1")
    assert "Passkeys work only if" in browser.get("/confirm").text
    change_settings(base_url="http://localhost")
    assert 'action="/confirm/passkey"' in browser.get("/confirm").text
    credential = authenticator.get(browser.get("/confirm/passkey").json)
    answer = browser.post("/confirm/passkey", credential=credential, next=SENSITIVE)
    assert (answer.status_code, answer.location, is_confirmed(browser)) == (303, SENSITIVE, True)


def test_a_passkey_of_somebody_else_is_refused(
    app: App, people: People, browser: Browser, change_settings: Callable[..., None]
) -> None:
    change_settings(base_url="http://localhost")
    people.create(email="anna@example.com", name="Anna", password=people.password)
    authenticator, anna = Authenticator(), Browser(app).signed_in_as("anna@example.com")
    anna.csrf_token()
    anna.post(
        "/account/factors/passkeys",
        credential=authenticator.create(anna.get("/account/factors/passkeys/options").json),
    )
    browser.csrf_token()
    credential = authenticator.get(browser.get("/confirm/passkey").json)
    assert browser.post("/confirm/passkey", credential=credential).status_code == 422
    assert browser.post("/confirm/passkey", credential="{}").status_code == 422
    assert not is_confirmed(browser)
