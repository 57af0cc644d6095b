"""A link that does not work says why and what to do next, and leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import update

from tests.clients import Api, Browser
from tests.factories import PASSWORD, TESTER, People
from tests.mailbox import Mailbox
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.one_time_tokens.models import TokenKind
from webapp.one_time_tokens.services import issue_token
from webapp.users.inviting import invite_user, withdraw_invitation
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


def assert_dead(browser: Browser, people: People, title: str) -> None:
    before = people.row_counts()
    for path in ("/invitation", "/invitation/password"):
        assert browser.get(path).status_code == 410
        response = browser.post(path, name="Mallory", locale="en", password=PASSWORD)
        assert response.status_code == 410
        assert title in response.text
    assert people.row_counts() == before


def test_without_a_link(visitor: Browser, people: People) -> None:
    assert_dead(visitor, people, "This link does not work")


@pytest.mark.parametrize("token", ["", "wrong", "%00", "ключ", "x" * 5000, "%E2%80%AE", "😀"])
def test_a_wrong_link(invited: Browser, people: People, token: str) -> None:
    assert invited.get(f"/invitation?token={token}").status_code == 303
    assert_dead(invited, people, "This link does not work")


def test_a_link_of_another_kind(app: App, visitor: Browser, people: People, anton: UserOut, mailbox: Mailbox) -> None:
    with app.app_context():
        token = issue_token(TokenKind.NOT_ME, user_id=anton.id, by=TESTER).token
    visitor.get(f"/invitation?token={token}")
    assert_dead(visitor, people, "This link does not work")


def test_an_expired_link(invited: Browser, people: People) -> None:
    with time_machine.travel(now() + timedelta(hours=73)):
        response = invited.get("/invitation")
        assert response.status_code == 410
        assert "This invitation has expired" in response.text
        assert "Send me a new one" in response.text


def test_a_used_link(app: App, invited: Browser, people: People, link: str) -> None:
    invited.post("/invitation/password", password=PASSWORD)
    other = Browser(app)
    other.get(link)
    assert_dead(other, people, "This invitation was accepted")


def test_a_replaced_link(app: App, invited: Browser, people: People, anton: UserOut) -> None:
    with app.app_context():
        invite_user(anton.id, by=TESTER)
    assert_dead(invited, people, "There is a newer invitation")


def test_a_revoked_link(app: App, invited: Browser, people: People, anton: UserOut) -> None:
    with app.app_context():
        withdraw_invitation(anton.id, by=TESTER)
    assert_dead(invited, people, "This invitation was withdrawn")
    assert "Send me a new one" not in invited.get("/invitation").text


@pytest.mark.parametrize("end", [deactivate_user, delete_user])
def test_the_link_of_someone_without_access(
    app: App, invited: Browser, people: People, anton: UserOut, end: object
) -> None:
    with app.app_context():
        end(anton.id, by=TESTER)  # type: ignore[operator]
    assert_dead(invited, people, "This invitation was withdrawn")


@pytest.mark.parametrize("column", ["locked_at", "ends_at"])
def test_the_link_of_someone_locked_or_past_their_end(
    app: App, invited: Browser, people: People, anton: UserOut, column: str
) -> None:
    set_column(app, anton.id, column)
    assert_dead(invited, people, "This invitation was withdrawn")


def set_column(app: App, user_id: UUID, column: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.id == user_id).values({column: now()}))


def test_a_new_address_ends_the_link_at_the_old_one(api: Api, invited: Browser, people: People, anton: UserOut) -> None:
    api.patch(f"/users/{anton.id}", {"email": "new@example.com"})
    assert_dead(invited, people, "This invitation was withdrawn")


def test_a_password_that_an_administrator_set_ends_the_link(
    api: Api, invited: Browser, people: People, anton: UserOut
) -> None:
    api.patch(f"/users/{anton.id}", {"password": PASSWORD})
    assert_dead(invited, people, "This invitation was withdrawn")
