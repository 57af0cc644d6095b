"""The link of a reset lets its holder choose a new password, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token, revoke_tokens
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user, update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA, NEW = "anna@example.com", "a completely different phrase"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


@pytest.fixture
def link(visitor: Browser, mailbox: Mailbox, anna: UserOut) -> str:
    visitor.post("/forgot", email=ANNA)
    return mailbox.link(ANNA)


def opened(browser: Browser, link: str) -> Browser:
    assert browser.get(link).location == "/reset"
    return browser


def test_the_new_password_counts_and_the_person_is_signed_in(app: App, visitor: Browser, link: str) -> None:
    assert ANNA in opened(visitor, link).get("/reset").text
    assert visitor.post("/reset", password=NEW).status_code == 303
    assert visitor.get("/account").status_code == 200
    Browser(app).sign_in(ANNA, NEW)
    assert Browser(app).post("/login", email=ANNA, password=People.password).status_code == 422


def test_other_sessions_end_and_a_notice_is_mailed(app: App, visitor: Browser, link: str, mailbox: Mailbox) -> None:
    other = Browser(app).signed_in_as(ANNA)
    opened(visitor, link).post("/reset", password=NEW)
    assert other.get("/account").status_code == 303
    assert [letter["Subject"] for letter in mailbox.letters(ANNA)][1:] == ["Rollcall: your password was changed"]


def test_it_unlocks_the_account(app: App, visitor: Browser, link: str, anna: UserOut, people: People) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(User).values(locked_at=now()))
    opened(visitor, link).post("/reset", password=NEW)
    assert people.row(id=anna.id)["locked_at"] is None
    actions = [action for action, _changes in people.audit_trail(anna.id)]
    assert actions[-3:] == ["password.changed", "account.unlocked", "session.started"]
    assert visitor.get("/account").status_code == 200


def test_opening_the_link_changes_nothing(visitor: Browser, link: str, people: People, anna: UserOut) -> None:
    before, row = people.row_counts(), people.row(id=anna.id)
    for _time in range(3):
        opened(visitor, link).get("/reset")
    assert (people.row_counts(), people.row(id=anna.id)) == (before, row)


@pytest.mark.parametrize("password", ["", "short", "\x00" * 20, "x" * 1_000_000, "passwordpassword", "e\u0301" * 600])
def test_a_weak_password_leaves_the_link_as_it_is(visitor: Browser, link: str, people: People, password: str) -> None:
    before, row = people.row_counts(), people.row(email=ANNA)
    assert opened(visitor, link).post("/reset", password=password).status_code == 422
    assert (people.row_counts(), people.row(email=ANNA)) == (before, row)
    assert visitor.post("/reset", password=NEW).status_code == 303


def use(app: App, link: str) -> None:
    opened(Browser(app), link).post("/reset", password=NEW)


def replace(app: App, _link: str) -> None:
    with app.app_context():
        issue_token(TokenKind.RESET, user_id=_anna_id(), by=TESTER)


def revoke(app: App, _link: str) -> None:
    with app.app_context():
        revoke_tokens(_anna_id())


def change_email(app: App, _link: str) -> None:
    with app.app_context():
        update_user(_anna_id(), email="other@example.com", by=TESTER)


def deactivate(app: App, _link: str) -> None:
    with app.app_context():
        deactivate_user(_anna_id(), by=TESTER)


def _anna_id() -> object:
    return db.session.query(User.id).filter_by(email=ANNA).scalar()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (use, "This link was used"),
        (replace, "There is a newer link"),
        (revoke, "This link no longer works"),
        (change_email, "This link no longer works"),
        (deactivate, "This link no longer works"),
    ],
)
def test_a_link_that_no_longer_works_says_why(
    app: App, visitor: Browser, link: str, people: People, spoil: Callable[[App, str], None], said: str
) -> None:
    spoil(app, link)
    before = people.row_counts()
    page = opened(visitor, link).get("/reset")
    assert (page.status_code, said in page.text) == (410, True)
    assert visitor.post("/reset", password=NEW + NEW).status_code == 410
    assert people.row_counts() == before


def test_it_expires_after_half_an_hour(visitor: Browser, link: str) -> None:
    opened(visitor, link)
    with time_machine.travel(now() + timedelta(minutes=31)):
        page = visitor.get("/reset")
        assert (page.status_code, "This link has expired" in page.text) == (410, True)


@pytest.mark.parametrize("token", ["", "x", "\x00", "я" * 50, "a" * 5000, "-"])
def test_an_unknown_link_says_so(visitor: Browser, token: str, anna: UserOut) -> None:
    page = visitor.get("/reset", query_string={"token": token}, follow_redirects=True)
    assert (page.status_code, "This link does not work" in page.text) == (410, True)


@pytest.mark.parametrize("kind", [TokenKind.INVITATION, TokenKind.EMAIL_CHANGE, TokenKind.NOT_ME, TokenKind.SIGN_IN])
def test_a_link_of_another_kind_does_not_reset(app: App, visitor: Browser, anna: UserOut, kind: TokenKind) -> None:
    with app.app_context():
        token = issue_token(kind, user_id=anna.id, by=TESTER).token
    assert opened(visitor, f"/reset?token={token}").post("/reset", password=NEW).status_code == 410


def test_of_20_uses_at_once_one_succeeds(app: App, link: str, people: People, anna: UserOut) -> None:
    browsers = [opened(Browser(app), link) for _browser in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda browser: browser.post("/reset", password=NEW).status_code, browsers)
    assert set(answers) <= {303, 410, 503}
    assert [action for action, _changes in people.audit_trail(anna.id)].count("password.changed") == 1
