"""Administrators send an invitation again, revoke it, and undo both."""

from __future__ import annotations

import re

import pytest

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.users.inviting import invite_user
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(email="anton@example.com", name="Anton Ivanov")


@pytest.fixture
def invited(app: App, anton: UserOut) -> UserOut:
    with app.app_context():
        invite_user(anton.id, by=TESTER)
    return anton


def page(browser: Browser, user: UserOut) -> str:
    return browser.get(f"/users/{user.id}").text


def test_someone_without_invitation_gets_one(owner: Browser, anton: UserOut, mailbox: Mailbox) -> None:
    assert "without a password or an invitation" in page(owner, anton)
    assert "No password yet" in page(owner, anton)
    assert owner.post(f"/users/{anton.id}/invitation").location == f"/users/{anton.id}"
    assert "waits to be sent" in page(owner, anton)
    assert len(mailbox.letters(anton.email)) == 1
    assert "The invitation was sent" in page(owner, anton)
    assert "Invited by <bdi>Ольга Смирнова</bdi>" in page(owner, anton)


def test_sending_again_replaces_the_link(owner: Browser, app: App, invited: UserOut, mailbox: Mailbox) -> None:
    first = mailbox.link(invited.email)
    owner.post(f"/users/{invited.id}/invitation")
    visitor = Browser(app)
    visitor.get(first)
    assert "There is a newer invitation" in visitor.get("/invitation").text
    visitor.get(mailbox.link(invited.email))
    assert visitor.get("/invitation").status_code == 200


def test_a_revoked_invitation_is_shown_and_can_be_undone(
    owner: Browser, people: People, invited: UserOut, mailbox: Mailbox
) -> None:
    owner.post(f"/users/{invited.id}/invitation/revocation")
    shown = page(owner, invited)
    assert "The invitation was revoked" in shown
    undo = re.search(r'action="(/audit/[^"]+)"', shown)
    assert undo
    owner.post(undo[1])
    assert len(mailbox.letters(invited.email)) == 2
    actions = [action for action, _changes in people.audit_trail(invited.id)]
    assert actions[-2:] == ["invitation.revoked", "invitation.sent"]


def test_sending_can_be_undone(owner: Browser, people: People, anton: UserOut) -> None:
    owner.post(f"/users/{anton.id}/invitation")
    undo = re.search(r'action="(/audit/[^"]+)"', page(owner, anton))
    assert undo
    owner.post(undo[1])
    assert "The invitation was revoked" in page(owner, anton)


def test_the_api_sends_shows_and_revokes(api: Api, anton: UserOut, mailbox: Mailbox) -> None:
    path = f"/users/{anton.id}/invitation"
    assert api.get(path).status_code == 404
    sent = api.post(path)
    assert (sent.status_code, sent.json["state"]) == (200, "queued")
    mailbox.letters()
    assert api.get(path).json["state"] == "sent"
    assert api.delete(path).json["state"] == "revoked"


@pytest.mark.parametrize("method", ["post", "delete"])
def test_people_who_can_sign_in_have_none(api: Api, people: People, method: str) -> None:
    user = people.create(password=people.password)
    before = people.row_counts()
    response = getattr(api, method)(f"/users/{user.id}/invitation")
    assert (response.status_code, response.json["status"]) == (409, 409)
    assert people.row_counts() == before


def test_deactivated_people_are_not_invited(app: App, owner: Browser, people: People, anton: UserOut) -> None:
    with app.app_context():
        deactivate_user(anton.id, by=TESTER)
    before = people.row_counts()
    owner.post(f"/users/{anton.id}/invitation")
    assert people.row_counts() == before
    assert "Reactivate them first" in page(owner, anton)


def test_it_takes_the_permission_to_add_people(access: Access, people: People, invited: UserOut) -> None:
    reader = access.person("Reader")
    access.grant(access.role("Readers", "users.read", "users.edit"), user_id=reader.id)
    browser = access.browser_of(reader)
    before = people.row_counts()
    for path in ("", "/revocation", "/link"):
        assert browser.post(f"/users/{invited.id}/invitation{path}").status_code == 403
    assert people.row_counts() == before
    assert "Send again" not in page(browser, invited)
