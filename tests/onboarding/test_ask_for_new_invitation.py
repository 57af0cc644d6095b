"""“Send me a new one” answers the same for every address. A job decides who gets a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.clients import Browser
from tests.factories import PASSWORD, TESTER, People
from tests.mailbox import Mailbox
from webapp.core.clock import now
from webapp.users.inviting import withdraw_invitation
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANSWER = "an e-mail with a new link is on its way"


def asked(browser: Browser, address: str) -> None:
    response = browser.post("/invitation/again", email=address)
    assert response.status_code == 200
    assert ANSWER in response.text


def test_an_invited_person_gets_another_link(visitor: Browser, anton: UserOut, mailbox: Mailbox, link: str) -> None:
    asked(visitor, "ANTON@example.com")
    assert len(mailbox.letters(anton.email)) == 2
    visitor.get(mailbox.link(anton.email))
    assert visitor.post("/invitation/password", password=PASSWORD).status_code == 303


def test_it_is_from_the_same_inviter(owner: Browser, app: App, mailbox: Mailbox) -> None:
    owner.post("/users", email="b@example.com", name="Boris")
    asked(Browser(app), "b@example.com")
    assert [letter["Subject"] for letter in mailbox.letters()] == ["Ольга Смирнова invites you to Rollcall"] * 2


def test_it_also_works_after_the_link_has_expired(visitor: Browser, anton: UserOut, mailbox: Mailbox) -> None:
    mailbox.letters()
    with time_machine.travel(now() + timedelta(days=5)):
        asked(visitor, anton.email)
        assert len(mailbox.letters(anton.email)) == 2


@pytest.mark.parametrize("address", ["nobody@example.com", "olga@example.com", "waits@example.com", "olga", "x" * 254])
def test_other_addresses_get_the_same_answer_and_no_mail(
    visitor: Browser, people: People, mailbox: Mailbox, address: str
) -> None:
    people.owner()
    people.create(email="waits@example.com")
    asked(visitor, address)
    assert mailbox.letters() == []


def test_a_withdrawn_invitation_is_not_sent_again(app: App, visitor: Browser, anton: UserOut, mailbox: Mailbox) -> None:
    with app.app_context():
        withdraw_invitation(anton.id, by=TESTER)
    asked(visitor, anton.email)
    assert len(mailbox.letters()) == 1


@pytest.mark.parametrize("address", ["", "x" * 1000, None])
def test_what_cannot_be_an_address_is_refused(visitor: Browser, people: People, address: str | None) -> None:
    assert visitor.post("/invitation/again", email=address).status_code == 422
    assert not any(people.row_counts().values())


@pytest.mark.parametrize(
    "address", ["a\x00b", "\u202e@example.com", "😀", "ключ@пример.рф", "a@b\r\nBcc: c@example.com"]
)
def test_strange_addresses_get_the_same_answer(visitor: Browser, mailbox: Mailbox, address: str) -> None:
    asked(visitor, address)
    assert mailbox.letters() == []


def test_the_job_does_not_show_the_address(app: App, owner: Browser, visitor: Browser) -> None:
    asked(visitor, "secret@example.com")
    page = owner.get("/jobs").text
    assert "Send invitation again" in page
    assert "secret@example.com" not in page


def test_a_person_gets_few_a_day(
    visitor: Browser, anton: UserOut, mailbox: Mailbox, change_settings: Callable[..., None]
) -> None:
    change_settings(reset_limit="3/day")
    for minutes in range(10):
        with time_machine.travel(now() + timedelta(minutes=2 * (minutes + 1)), tick=False):
            asked(visitor, anton.email)
            mailbox.letters()
    assert len(mailbox.letters(anton.email)) == 3
