"""Commands about how a user signs in."""

from __future__ import annotations

import pytest

from tests.clients import Browser
from tests.commands import read, run
from tests.factor_factory import add_totp
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine
ANNA = "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_sessions_are_listed_and_ended(app: App, anna: UserOut) -> None:
    for _number in range(3):
        Browser(app).signed_in_as(ANNA)
    first = read(app, "users", "sessions", ANNA)[0]["id"]
    assert run(app, "users", "end-sessions", ANNA, "--session", first)[0] == 0
    assert len(run(app, "users", "sessions", ANNA)[1].splitlines()) == 2
    assert run(app, "users", "end-sessions", ANNA)[0] == 0
    assert read(app, "users", "sessions", ANNA) == []


def test_factors_are_listed_and_removed(app: App, anna: UserOut, mailbox: Mailbox) -> None:
    add_totp(app, anna.id)
    assert run(app, "users", "factors", ANNA)[1].startswith("totp\n")
    assert run(app, "users", "remove-factors", ANNA, "--factor=totp")[0] == 0
    assert run(app, "users", "remove-factors", ANNA, "--factor=totp")[0] == 1
    add_totp(app, anna.id)
    assert run(app, "users", "remove-factors", ANNA)[0] == 0
    assert read(app, "users", "factors", ANNA)["totp"] is None


def test_a_password_is_reset_and_an_account_closed_to_intruders(app: App, anna: UserOut, mailbox: Mailbox) -> None:
    browser = Browser(app).signed_in_as(ANNA)
    assert run(app, "users", "reset-password", ANNA)[0] == 0
    assert run(app, "users", "mark-compromised", ANNA)[0] == 0
    assert (browser.get("/account").status_code, len(mailbox.letters(ANNA))) == (303, 2)
