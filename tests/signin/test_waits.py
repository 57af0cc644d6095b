"""Failed sign-ins cause growing waits, never on a known device by strangers, and leave security events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.clients import Browser
from tests.factories import TESTER, People
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.services import enqueue, run_job
from webapp.signin.events import record_event
from webapp.signin.models import EventKind, KnownDevice, SecurityEvent
from webapp.signin.queries import security_events_of
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

REDIS = "redis://127.0.0.1:6379/14"
NOTHING_LISTENS = "redis://127.0.0.1:1/0"
START = datetime(2031, 3, 4, 12, tzinfo=UTC)
EMAIL = "olga@example.com"


@pytest.fixture
def limited(app_with: Callable[..., App], people: People) -> Callable[..., App]:
    """Return a function that returns an app with the limits of production."""
    people.owner()
    return partial(app_with, LOGIN_LIMIT="10/5minutes")


def attempt(browser: Browser, email: str = EMAIL, password: str = "wrong passphrase") -> tuple[int, int]:
    answer = browser.post("/login", email=email, password=password)
    return answer.status_code, int(answer.headers.get("Retry-After", 0))


def events(app: App) -> list[tuple[str, Any]]:
    with app.app_context():
        rows = db.session.scalars(select(SecurityEvent).order_by(SecurityEvent.id))
        return [(row.kind, row.user_id) for row in rows]


@pytest.mark.parametrize("redis_url", ["", REDIS, NOTHING_LISTENS], ids=["memory", "redis", "redis down"])
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_waits_grow_after_five_failures(limited: Callable[..., App], email: str, redis_url: str) -> None:
    if redis_url == REDIS:
        pytest.importorskip("redis").Redis.from_url(REDIS).flushdb()
    browser = Browser(limited(REDIS_URL=redis_url))
    for _try in range(6):
        assert attempt(browser, email) == (422, 0)
    status, wait = attempt(browser, email)
    assert (status, wait) == (429, 1)


def test_the_waits_are_1_3_5_and_10_seconds_and_then_the_rest(limited: Callable[..., App]) -> None:
    browser = Browser(limited())
    with time_machine.travel(START, tick=False) as clock:
        for _try in range(5):
            assert attempt(browser) == (422, 0)
        for seconds in (1, 3, 5, 10):
            assert attempt(browser) == (422, 0)
            assert attempt(browser) == (429, seconds)
            clock.shift(seconds + 0.1)
        assert attempt(browser) == (422, 0)
        status, wait = attempt(browser)
        assert (status, 270 < wait <= 300) == (429, True)
        clock.shift(wait + 1)
        assert attempt(browser, password=People.password)[0] == 303


def test_confirmations_wait_as_sign_ins_do(limited: Callable[..., App], people: People) -> None:
    browser = Browser(limited())
    with time_machine.travel(START, tick=False) as clock:
        browser.signed_in_as(EMAIL)
        for _try in range(6):
            assert browser.post("/confirm", password="wrong passphrase").status_code == 422
        early = browser.post("/confirm", password=people.password, next="/roles/new")
        assert (early.status_code, early.headers["Retry-After"]) == (429, "1")
        assert 'value="/roles/new"' in early.text
        clock.shift(1.1)
        assert browser.post("/confirm", password=people.password, next="/roles/new").location == "/roles/new"


def test_passkeys_wait_as_passwords_do(limited: Callable[..., App]) -> None:
    browser = Browser(limited())
    for _try in range(6):
        assert browser.post("/login/passkey", credential="{}").status_code == 422
    answer = browser.post("/login/passkey", credential="{}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_the_right_password_waits_too_and_what_was_typed_stays(limited: Callable[..., App], people: People) -> None:
    browser = Browser(limited())
    for _try in range(6):
        attempt(browser)
    answer = browser.post("/login", email=EMAIL, password=people.password)
    assert (answer.status_code, f'value="{EMAIL}"' in answer.text) == (429, True)
    assert people.password not in answer.text


def test_a_success_starts_the_count_again(limited: Callable[..., App]) -> None:
    app = limited()
    for _try in range(5):
        attempt(Browser(app))
    assert attempt(Browser(app), password=People.password)[0] == 303
    with time_machine.travel(now() + timedelta(minutes=6)):
        for _try in range(6):
            assert attempt(Browser(app))[0] == 422


def test_a_known_device_is_not_blocked_by_strangers(limited: Callable[..., App], people: People) -> None:
    app = limited()
    known, stranger = Browser(app).sign_in(EMAIL), Browser(app)
    known.post("/logout")
    for _try in range(6):
        attempt(stranger)
    assert attempt(stranger, password=people.password)[0] == 429
    known.sign_in(EMAIL)


def test_a_known_device_waits_for_its_own_failures(limited: Callable[..., App], people: People) -> None:
    known = Browser(limited()).sign_in(EMAIL)
    known.post("/logout")
    for _try in range(6):
        assert attempt(known) == (422, 0)
    assert attempt(known, password=people.password)[0] == 429
    # It is known for one person only.
    assert attempt(known, "nobody@example.com") == (422, 0)


def test_a_device_of_somebody_else_is_not_known(limited: Callable[..., App], people: People) -> None:
    app = limited()
    people.create(email="anna@example.com", name="Anna", password=people.password)
    anna = Browser(app).sign_in("anna@example.com")
    for _try in range(6):
        attempt(Browser(app))
    assert attempt(anna, password=people.password)[0] == 429


def test_the_cookie_of_a_device_is_no_secret_of_the_table(app: App, visitor: Browser, people: People) -> None:
    people.owner()
    visitor.sign_in(EMAIL)
    cookie = visitor.client.get_cookie(f"{app.settings.cookie_name}-device")
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", 365 * 86400)
    with app.app_context():
        row = db.session.scalars(select(KnownDevice)).one()
    assert cookie.value not in row.token_hash


def test_failed_sign_ins_leave_events_of_known_and_unknown_accounts(
    limited: Callable[..., App], app: App, people: People
) -> None:
    olga, limits = people.owner(), limited()
    attempt(Browser(limits))
    attempt(Browser(limits), "nobody@example.com")
    assert events(app) == [("sign_in.failed", olga.id), ("sign_in.failed", None)]
    with app.app_context():
        (event,) = security_events_of(olga.id, 10)
        assert (event.address, event.kind) == ("127.0.0.1", EventKind.SIGN_IN_FAILED)


def test_the_last_failure_leaves_an_event_of_the_delay(limited: Callable[..., App], app: App) -> None:
    browser = Browser(limited())
    with time_machine.travel(START, tick=False) as clock:
        for _try in range(10):
            attempt(browser)
            clock.shift(11)
        for _try in range(5):
            assert attempt(browser)[0] == 429
    kinds = [kind for kind, _user in events(app)]
    assert (kinds.count("sign_in.failed"), kinds.count("sign_in.delayed")) == (10, 1)


def test_events_are_bounded(app: App, people: People) -> None:
    olga, anna = people.owner(), people.create(name="Anna")
    with app.app_context():
        for user_id, number in ((olga.id, 105), (anna.id, 3)):
            for _event in range(number):
                record_event(EventKind.SIGN_IN_FAILED, user_id=user_id, address="", agent="")
        run_job(enqueue("security_events.purge", by=TESTER).id, holder="here")
        assert (len(security_events_of(olga.id, 999)), len(security_events_of(anna.id, 999))) == (100, 3)
    with time_machine.travel(now() + timedelta(days=91)), app.app_context():
        run_job(enqueue("security_events.purge", by=TESTER).id, holder="here")
    assert events(app) == []
