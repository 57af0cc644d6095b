"""A reset asks the second factor before the new password."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Browser
from tests.factor_factory import add_recovery_codes, add_totp, totp_code
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA, NEW = "anna@example.com", "a completely different phrase"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


@pytest.fixture
def seed(app: App, anna: UserOut) -> str:
    return add_totp(app, anna.id)


@pytest.fixture
def browser(visitor: Browser, mailbox: Mailbox, seed: str) -> Browser:
    """A browser in which the link of a reset is open."""
    visitor.post("/forgot", email=ANNA)
    assert visitor.get(mailbox.link(ANNA)).status_code == 303
    return visitor


def test_a_code_leads_to_the_new_password(browser: Browser, seed: str, people: People) -> None:
    assert 'name="password"' not in browser.get("/reset").text
    assert browser.post("/reset", code=totp_code(seed)).location == "/reset"
    assert browser.post("/reset", password=NEW).status_code == 303
    assert browser.get("/account").status_code == 200
    assert people.row(email=ANNA)["second_factor_at"]


def test_a_recovery_code_does_too(app: App, browser: Browser, anna: UserOut) -> None:
    code = add_recovery_codes(app, anna.id)[0]
    assert browser.post("/reset", code=code).location == "/reset"
    assert 'name="password"' in browser.get("/reset").text


@pytest.mark.parametrize("code", ["", "000000", "\x00", "x" * 5000, "１２３４５６", "\u202e1"])
def test_a_wrong_code_changes_nothing(browser: Browser, people: People, code: str) -> None:
    before, row = people.row_counts(), people.row(email=ANNA)
    assert browser.post("/reset", code=code, password=NEW).status_code == 422
    assert 'name="code"' in browser.get("/reset").text
    # A wrong code is recorded.
    after = people.row_counts() | {"security_events": 0}
    assert (after, people.row(email=ANNA)) == (before, row)


def test_a_password_without_a_code_changes_nothing(browser: Browser, people: People) -> None:
    row = people.row(email=ANNA)
    assert browser.post("/reset", password=NEW).status_code == 422
    assert people.row(email=ANNA) == row


def test_the_code_counts_for_this_link_only(browser: Browser, seed: str, mailbox: Mailbox) -> None:
    browser.post("/reset", code=totp_code(seed))
    browser.post("/forgot", email=ANNA)
    browser.get(mailbox.link(ANNA))
    assert 'name="code"' in browser.get("/reset").text


def test_codes_cannot_be_guessed_also_with_new_links(
    browser: Browser, seed: str, mailbox: Mailbox, people: People, change_settings: Callable[..., None]
) -> None:
    change_settings(login_limit="10/5minutes")
    for _try in range(4):
        assert browser.post("/reset", code="000000").status_code == 422
    browser.post("/forgot", email=ANNA)
    browser.get(mailbox.link(ANNA))
    assert browser.post("/reset", code="000000").status_code == 422
    refused = browser.post("/reset", code=totp_code(seed))
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert people.row_counts()["security_events"] == 5
