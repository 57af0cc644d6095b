"""Sign in with a second factor after the password."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine

from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp, totp_code
from tests.factories import TESTER, People
from webapp.access.models import OWNER
from webapp.core.clock import now
from webapp.core.errors import Refused
from webapp.signin.attempts import find_attempt
from webapp.signin.second_step import finish_with_code
from webapp.signin.services import sign_in
from webapp.signin.sessions import Client, end_sessions
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def seed(app: App, people: People) -> str:
    """The seed of the owner's app."""
    return add_totp(app, people.owner().id)


def first_step(browser: Browser, **fields: str) -> Browser:
    answer = browser.post("/login", email="olga@example.com", password=People.password, **fields)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login/second-factor")
    return browser


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_the_password_alone_starts_no_session(visitor: Browser, people: People, seed: str) -> None:
    sessions = people.row_counts()["sessions"]
    first_step(visitor)
    assert not is_signed_in(visitor)
    assert people.row_counts()["sessions"] == sessions


def test_a_code_of_the_app_signs_in_and_leads_to_the_wanted_page(visitor: Browser, seed: str) -> None:
    first_step(visitor, next="/roles")
    assert 'value="/roles"' in visitor.get("/login/second-factor?next=/roles").text
    answer = visitor.post("/login/second-factor", code=totp_code(seed), next="/roles")
    assert (answer.status_code, answer.location) == (303, "/roles")
    assert is_signed_in(visitor)


def test_a_recovery_code_signs_in(app: App, visitor: Browser, people: People, seed: str) -> None:
    code = add_recovery_codes(app, people.owner().id)[0]
    assert first_step(visitor).post("/login/second-factor", code=code.lower()).status_code == 303
    assert is_signed_in(visitor)
    again = first_step(Browser(app)).post("/login/second-factor", code=code)
    assert again.status_code == 422


@pytest.mark.parametrize("code", ["", "000000", "x" * 5000, "\x00", "\u202e123456", "😀", "шесть", "ABCD-EFGH"])
def test_a_wrong_code_leaves_no_trace(visitor: Browser, people: People, seed: str, code: str) -> None:
    first_step(visitor)
    before = people.row_counts()
    assert visitor.post("/login/second-factor", code=code).status_code == 422
    assert (is_signed_in(visitor), people.row_counts() | {"security_events": 0}) == (False, before)


def test_a_code_is_not_accepted_twice(app: App, visitor: Browser, seed: str) -> None:
    code = totp_code(seed)
    assert first_step(visitor).post("/login/second-factor", code=code).status_code == 303
    assert first_step(Browser(app)).post("/login/second-factor", code=code).status_code == 422


def test_a_code_of_a_clock_that_is_one_hour_off_names_the_clock(visitor: Browser, seed: str) -> None:
    code = totp_code(seed, moment=now() + timedelta(hours=1))
    answer = first_step(visitor).post("/login/second-factor", code=code)
    assert (answer.status_code, "check the clock of your phone" in answer.text) == (422, True)


def test_the_page_needs_the_password_first(visitor: Browser, seed: str) -> None:
    assert visitor.get("/login/second-factor").location == "/login"
    assert visitor.post("/login/second-factor", code=totp_code(seed)).location == "/login"
    assert not is_signed_in(visitor)


def test_the_second_step_expires(visitor: Browser, seed: str) -> None:
    first_step(visitor)
    with time_machine.travel(now() + timedelta(minutes=11)):
        answer = visitor.post("/login/second-factor", code=totp_code(seed), next="/roles")
        assert answer.location == "/login?next=/roles"
        assert "Enter your password again" in visitor.get(answer.location).text


@pytest.mark.parametrize("change", ["password", "deactivation", "sessions"])
def test_the_second_step_ends_with_a_change_of_the_account(
    app: App, visitor: Browser, people: People, seed: str, change: str
) -> None:
    user_id = people.owner().id
    people.create(name="Other owner", password=people.password, roles=[OWNER])
    first_step(visitor)
    with app.app_context():
        if change == "password":
            update_user(user_id, password="another long passphrase", by=TESTER)
        elif change == "deactivation":
            deactivate_user(user_id, by=TESTER)
        else:
            end_sessions(user_id, by=TESTER)
    assert visitor.post("/login/second-factor", code=totp_code(seed)).location == "/login"
    assert not is_signed_in(visitor)


def test_a_wrong_password_says_nothing_of_the_second_factor(visitor: Browser, seed: str) -> None:
    known = visitor.post("/login", email="olga@example.com", password="wrong horse battery staple")
    unknown = visitor.post("/login", email="nobody@example.com", password="wrong horse battery staple")
    assert known.status_code == unknown.status_code == 422
    assert "second factor" not in known.text


def test_one_sign_in_is_finished_once(app: App, people: People, seed: str) -> None:
    client = Client("", "")
    codes, barrier = add_recovery_codes(app, people.owner().id), Barrier(5, timeout=300)
    with app.app_context():
        pending = sign_in(find_attempt("olga@example.com", client), password=people.password).pending_token

    def finish(code: str) -> bool:
        barrier.wait()
        with app.app_context():
            try:
                return bool(finish_with_code(pending, code=code, client=client))
            except Refused:
                return False

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(finish, codes)) == 1


def test_after_five_wrong_codes_the_sixth_is_refused(app_with: Callable[..., App], seed: str) -> None:
    limited = app_with(LOGIN_LIMIT="9/hour")
    browser = first_step(Browser(limited))
    for _try in range(5):
        assert browser.post("/login/second-factor", code="000000").status_code == 422
    # Entering the password again does not start the count again.
    refused = first_step(browser).post("/login/second-factor", code=totp_code(seed))
    assert (refused.status_code, refused.headers["Retry-After"].isdigit()) == (429, True)
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert first_step(browser).post("/login/second-factor", code=totp_code(seed)).status_code == 303


def test_an_api_token_needs_no_second_factor(app: App, people: People, seed: str) -> None:
    token = people.token_for(people.owner())
    answer = app.test_client().get("/api/v1/users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_strangers_without_a_sign_in_share_no_count(app_with: Callable[..., App]) -> None:
    limited = app_with(LOGIN_LIMIT="9/hour")
    for _try in range(7):
        answer = Browser(limited).post("/login/second-factor", code="000000")
        assert (answer.status_code, answer.location) == (303, "/login")
