"""Failed sign-ins and confirmations, and calls of the API, are limited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import redis
import time_machine

from tests.clients import Api, Browser
from tests.factories import People
from webapp.core.clock import now
from webapp.settings import load_settings
from webapp.settings_checks import SettingsError
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

REDIS = "redis://127.0.0.1:6379/13"
NOTHING_LISTENS = "redis://127.0.0.1:1/0"
WRONG = "not the right passphrase"


@pytest.fixture
def limited(app_with: Callable[..., App], people: People) -> Callable[..., App]:
    """Return a function that returns an app with limits."""
    people.owner()
    return partial(app_with, LOGIN_LIMIT="3/5minutes", API_LIMIT="4/minute")


def fail(browser: Browser, email: str = "olga@example.com", times: int = 3) -> None:
    for _time in range(times):
        assert browser.post("/login", email=email, password=WRONG).status_code == 422


@pytest.mark.parametrize("redis_url", ["", REDIS, NOTHING_LISTENS], ids=["memory", "redis", "redis down"])
def test_the_fourth_wrong_password_is_refused(limited: Callable[..., App], people: People, redis_url: str) -> None:
    redis.Redis.from_url(REDIS).flushdb()
    browser = Browser(limited(REDIS_URL=redis_url))
    fail(browser)
    refused = browser.post("/login", email="olga@example.com", password=people.password)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 301
    assert "Too many failed attempts" in refused.text
    assert 'value="olga@example.com"' in refused.text
    assert browser.get("/login").status_code == 200
    assert "session.started" not in [action for action, _changes in people.audit_trail(people.owner().id)]


def test_the_account_is_open_again_after_the_time(limited: Callable[..., App], people: People) -> None:
    browser = Browser(limited())
    fail(browser)
    with time_machine.travel(now() + timedelta(minutes=6)):
        browser.sign_in("olga@example.com")


def test_successful_sign_ins_do_not_count(limited: Callable[..., App]) -> None:
    app = limited()
    for _time in range(12):
        # It fails unless the answer is a redirect.
        Browser(app).sign_in("olga@example.com")


def test_another_spelling_of_the_account_counts_for_the_same(limited: Callable[..., App]) -> None:
    app = limited(LOGIN_LIMIT="3/5minutes")
    for number, email in enumerate(["olga@example.com", "OLGA@example.com", " Olga@Example.com "]):
        environ = {"REMOTE_ADDR": f"192.0.2.{number}"}
        sent = {"csrf_token": (browser := Browser(app)).csrf_token(), "email": email, "password": WRONG}
        assert browser.client.post("/login", data=sent, environ_base=environ).status_code == 422
    assert Browser(app).post("/login", email="olga@example.com", password=WRONG).status_code == 429
    assert Browser(app).post("/login", email="another@example.com", password=WRONG).status_code == 422


def test_one_address_cannot_try_many_accounts(limited: Callable[..., App]) -> None:
    app = limited()
    for number in range(3):
        fail(Browser(app), f"nobody{number}@example.com", times=1)
    assert Browser(app).post("/login", email="nobody9@example.com", password=WRONG).status_code == 429


def test_confirmations_are_limited_for_each_person(limited: Callable[..., App], people: People) -> None:
    app = limited()
    browser = Browser(app).signed_in_as("olga@example.com")
    for _time in range(3):
        assert browser.post("/confirm", password=WRONG).status_code == 422
    refused = browser.post("/confirm", password=people.password)
    assert (refused.status_code, "Too many failed attempts" in refused.text) == (429, True)
    assert int(refused.headers["Retry-After"]) > 0
    assert browser.get("/account").status_code == 200


def test_failed_passkeys_are_limited_for_each_address(limited: Callable[..., App], people: People) -> None:
    app = limited()
    visitor = Browser(app)
    for _time in range(3):
        assert visitor.post("/login/passkey", credential="{}").status_code == 422
    refused = Browser(app).post("/login/passkey", credential="{}", next="/roles")
    assert (refused.status_code, "Too many failed attempts" in refused.text) == (429, True)
    assert 1 <= int(refused.headers["Retry-After"]) <= 301
    assert 'value="/roles"' in refused.text
    # The password is another way in.
    assert visitor.post("/login", email="olga@example.com", password=people.password).status_code == 303


def test_failed_passkeys_count_as_failed_confirmations(limited: Callable[..., App], people: People) -> None:
    browser = Browser(limited()).signed_in_as("olga@example.com")
    for _time in range(3):
        assert browser.post("/confirm/passkey", credential="{}").status_code == 422
    for path, sent in (("/confirm/passkey", {"credential": "{}"}), ("/confirm", {"password": people.password})):
        assert browser.post(path, **sent).status_code == 429


def test_calls_of_the_api_are_limited_for_each_token(limited: Callable[..., App], people: People) -> None:
    app = limited()
    token, other = people.token_for(people.owner()), people.token_for(people.owner())
    answers = [Api(app, token).get("/users") for _call in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert answers[-1].content_type == "application/problem+json"
    assert answers[-1].json["errors"][0]["code"] == "too_many_requests"
    assert Api(app, other).get("/users").status_code == 200
    assert Browser(app).signed_in_as("olga@example.com").get("/users").status_code == 200


def test_off_switches_a_limit_off(limited: Callable[..., App]) -> None:
    # More than the default limit allows.
    fail(Browser(limited(LOGIN_LIMIT="off")), times=12)


@pytest.mark.parametrize("limit", ["", "10", "ten a minute", "10/fortnight", "-1/minute"])
def test_a_wrong_limit_is_named_at_start(limit: str) -> None:
    with pytest.raises(SettingsError, match="LOGIN_LIMIT"):
        load_settings({"APP_ENV": "testing", "LOGIN_LIMIT": limit or " "})
