"""An administrator who may reset sign-ins creates a link to pass on."""

from __future__ import annotations

import re

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import PASSWORD, TESTER, People
from tests.mailbox import Mailbox
from webapp.core.clock import now
from webapp.signin.sessions import SUDO
from webapp.users.inviting import invite_user
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def invited(app: App, people: People) -> UserOut:
    user = people.create(email="anton@example.com", name="Anton Ivanov")
    with app.app_context():
        invite_user(user.id, by=TESTER)
    return user


def created_link(browser: Browser, user: UserOut) -> str:
    found = re.search(r"/invitation\?token=[\w-]+", browser.post(f"/users/{user.id}/invitation/link").text)
    assert found
    return found[0]


def test_the_link_works_and_the_one_in_the_mail_ends(
    app: App, owner: Browser, people: People, invited: UserOut, mailbox: Mailbox
) -> None:
    mailed = mailbox.link(invited.email)
    assert "stops working" in owner.get(f"/users/{invited.id}/invitation/link").text
    copied = created_link(owner, invited)
    visitor = Browser(app)
    visitor.get(mailed)
    assert visitor.get("/invitation").status_code == 410
    visitor.get(copied)
    assert visitor.post("/invitation/password", password=PASSWORD).status_code == 303


def test_it_is_recorded_and_sends_no_mail(owner: Browser, people: People, invited: UserOut, mailbox: Mailbox) -> None:
    mailbox.letters()
    created_link(owner, invited)
    action, changes = people.audit_trail(invited.id)[-1]
    assert (action, changes["invitation_delivery"]) == ("invitation.sent", [None, "link"])
    assert len(mailbox.letters()) == 1
    assert "An invitation link was copied" in owner.get(f"/users/{invited.id}").text


def test_the_password_must_have_been_entered_recently(owner: Browser, people: People, invited: UserOut) -> None:
    before = people.row_counts()
    with time_machine.travel(now() + SUDO):
        response = owner.post(f"/users/{invited.id}/invitation/link")
    assert "token=" not in response.text
    assert people.row_counts() == before


def test_it_takes_the_permission_to_reset_sign_ins(access: Access, people: People, invited: UserOut) -> None:
    helper = access.person("Helper")
    access.grant(access.role("Helpers", "users.read", "users.create"), user_id=helper.id)
    browser = access.browser_of(helper)
    before = people.row_counts()
    assert browser.post(f"/users/{invited.id}/invitation/link").status_code == 403
    assert people.row_counts() == before


def test_people_who_can_sign_in_get_none(owner: Browser, people: People) -> None:
    user = people.create(password=people.password)
    before = people.row_counts()
    response = owner.post(f"/users/{user.id}/invitation/link")
    assert response.status_code == 409
    assert "needs no invitation" in response.text
    assert people.row_counts() == before
