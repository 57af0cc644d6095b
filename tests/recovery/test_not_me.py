"""The link of a notice works signed out, and can only lock the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.jobs.services import enqueue, run_job
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.not_me import not_me_address
from webapp.one_time_tokens.services import issue_token
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA, NEW = "anna@example.com", "a completely different phrase"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def notice(app: App, user: UserOut) -> str:
    """Return the path of the link of a new notice."""
    with app.app_context():
        return "/not-me?" + not_me_address(user.id, by=TESTER).partition("?")[2]


@pytest.fixture
def opened(app: App, visitor: Browser, anna: UserOut) -> Browser:
    assert visitor.get(notice(app, anna)).location == "/not-me"
    return visitor


def test_looking_at_it_changes_nothing(opened: Browser, people: People, anna: UserOut) -> None:
    before, row = people.row_counts(), people.row(id=anna.id)
    assert ANNA in opened.get("/not-me").text
    assert (people.row_counts(), people.row(id=anna.id)) == (before, row)


def test_it_locks_the_account_and_ends_its_sessions_and_tokens(
    app: App, opened: Browser, anna: UserOut, people: People
) -> None:
    thief, program = Browser(app).signed_in_as(ANNA), Api(app, people.token_for(anna))
    assert program.get("/users").status_code == 403
    assert opened.post("/not-me").status_code == 200
    assert (thief.get("/account").status_code, program.get("/users").status_code) == (303, 401)
    assert visitor_is_refused(app)
    actions = [action for action, _changes in people.audit_trail(anna.id)]
    assert {"account.locked", "sessions.ended", "tokens.ended"} <= set(actions)


def visitor_is_refused(app: App) -> bool:
    return Browser(app).post("/login", email=ANNA, password=People.password).status_code == 422


def test_a_mail_lets_the_person_back_in(app: App, opened: Browser, mailbox: Mailbox, people: People) -> None:
    opened.post("/not-me")
    browser = Browser(app)
    browser.get(mailbox.link(ANNA))
    assert browser.post("/reset", password=NEW).status_code == 303
    assert browser.get("/account").status_code == 200
    assert people.row(email=ANNA)["locked_at"] is None


def test_a_pending_change_of_the_address_is_cancelled(app: App, opened: Browser, anna: UserOut, people: People) -> None:
    with app.app_context():
        issue_token(TokenKind.EMAIL_CHANGE, user_id=anna.id, by=TESTER, data={"email": "thief@example.com"})
    opened.post("/not-me")
    cancelled = ("email_change.cancelled", {"email": ["thief@example.com", None]})
    assert cancelled in people.audit_trail(anna.id)


def test_a_new_address_gets_no_link(app: App, visitor: Browser, anna: UserOut, mailbox: Mailbox) -> None:
    visitor.get(notice(app, anna))
    with app.app_context():
        update_user(anna.id, email="thief@example.com", by=TESTER)
    page = visitor.post("/not-me")
    assert (page.status_code, "Tell an administrator" in page.text) == (200, True)
    assert mailbox.letters("thief@example.com") == []


def test_another_spelling_of_the_address_gets_one(app: App, visitor: Browser, anna: UserOut, mailbox: Mailbox) -> None:
    with app.app_context():
        visitor.get("/not-me?" + not_me_address(anna.id, by=TESTER, email=ANNA).partition("?")[2])
        update_user(anna.id, email="Anna@Example.com", by=TESTER)
    assert "Open the e-mail that we have just sent you" in visitor.post("/not-me").text
    assert mailbox.link("Anna@Example.com").startswith("/reset?token=")


def test_a_new_address_cannot_ask_for_a_link_either(
    app: App, visitor: Browser, anna: UserOut, mailbox: Mailbox, people: People
) -> None:
    visitor.get(notice(app, anna))
    with app.app_context():
        update_user(anna.id, email="thief@example.com", by=TESTER)
    visitor.post("/not-me")
    before = people.row_counts()["one_time_tokens"]
    assert visitor.post("/forgot", email="thief@example.com").status_code == 200
    assert (mailbox.letters("thief@example.com"), people.row_counts()["one_time_tokens"]) == ([], before)


def test_the_notice_of_the_new_address_does_not_let_the_thief_back_in(
    visitor: Browser, app: App, anna: UserOut, mailbox: Mailbox
) -> None:
    with app.app_context():
        update_user(anna.id, email="thief@example.com", by=TESTER)
    found = re.search(r"/not-me\?token=[\w-]+", text_of(mailbox.letters(ANNA)[-1]))
    assert found
    visitor.get(found[0])
    visitor.post("/not-me")
    visitor.post("/forgot", email="thief@example.com")
    assert mailbox.letters("thief@example.com") == []


def test_a_person_with_the_same_address_can_ask_for_another_link(opened: Browser, mailbox: Mailbox) -> None:
    opened.post("/not-me")
    mailbox.letters()
    with time_machine.travel(now() + timedelta(hours=1)):
        opened.post("/forgot", email=ANNA)
        assert len(mailbox.letters(ANNA)) == 2


@pytest.mark.parametrize("end", [deactivate_user, delete_user])
def test_an_account_without_access_is_locked_too(
    app: App, opened: Browser, anna: UserOut, people: People, end: Callable[..., object]
) -> None:
    with app.app_context():
        end(anna.id, by=TESTER)
    page = opened.post("/not-me")
    assert (page.status_code, "Your access has ended, so we sent no link" in page.text) == (200, True)
    assert people.row(id=anna.id)["locked_at"]


def test_a_person_can_ask_for_a_link_months_later(app: App, opened: Browser, mailbox: Mailbox) -> None:
    opened.post("/not-me")
    before = len(mailbox.letters(ANNA))
    with time_machine.travel(now() + timedelta(days=90)):
        with app.app_context():
            run_job(enqueue("one_time_tokens.purge", by=TESTER).id, holder="here")
        Browser(app).post("/forgot", email=ANNA)
        assert len(mailbox.letters(ANNA)) == before + 1


def test_it_works_once(opened: Browser, people: People) -> None:
    token = opened.client.get_cookie(
        next(cookie.key for cookie in opened.client._cookies.values() if "not-me" in cookie.key)
    )
    assert token
    opened.post("/not-me")
    before = people.row_counts()
    opened.get(f"/not-me?token={token.value}")
    page = opened.get("/not-me")
    assert (page.status_code, "This link was used" in page.text) == (410, True)
    assert opened.post("/not-me").status_code == 410
    assert people.row_counts() == before


@pytest.mark.parametrize("token", ["", "x", "\x00", "я" * 50])
def test_an_unknown_link_locks_no_one(visitor: Browser, anna: UserOut, people: People, token: str) -> None:
    visitor.get("/not-me", query_string={"token": token})
    before = people.row_counts()
    assert visitor.post("/not-me").status_code == 410
    assert people.row_counts() == before


def test_it_needs_the_token_of_a_form(opened: Browser, people: People) -> None:
    assert opened.client.post("/not-me").status_code == 400
    assert people.row(email=ANNA)["locked_at"] is None


def test_of_20_uses_at_once_one_counts(app: App, anna: UserOut, people: People) -> None:
    link = notice(app, anna)
    browsers = [Browser(app) for _browser in range(20)]
    for browser in browsers:
        browser.get(link)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda browser: browser.post("/not-me").status_code, browsers))
    assert sorted(answers) == [200] + [410] * 19
