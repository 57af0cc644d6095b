"""A new e-mail address counts once it is confirmed. The old one gets a notice with which it can be stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.access_factory import Access
from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.bin.services import delete_user, purge_user
from webapp.core.clock import now
from webapp.db.session import db
from webapp.mail.models import Mail
from webapp.user_security.services import start_reset
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

OLD, NEW = "member@example.com", "new@example.com"


@pytest.fixture
def link(member: Browser, mailbox: Mailbox) -> str:
    assert member.post("/account/email", email=NEW).status_code == 303
    return mailbox.link(NEW)


def test_it_counts_once_it_is_confirmed(visitor: Browser, link: str, people: People) -> None:
    assert visitor.get(link).location == "/email-change"
    assert NEW in visitor.get("/email-change").text
    assert people.row(email=NEW) is None
    assert visitor.post("/email-change").status_code == 200
    row = people.row(email=NEW)
    assert people.audit_trail(row["id"])[-1] == ("user.updated", {"email": [OLD, NEW]})


def test_the_old_address_can_stop_it(app: App, member: Browser, link: str, mailbox: Mailbox, people: People) -> None:
    stopper = Browser(app)
    stopper.get(mailbox.link(OLD))
    assert stopper.post("/not-me").status_code == 200
    stopper.get(link)
    assert stopper.post("/email-change").status_code == 410
    assert (people.row(email=NEW), bool(people.row(email=OLD)["locked_at"])) == (None, True)


def test_the_old_address_gets_a_notice_of_the_change(visitor: Browser, link: str, mailbox: Mailbox) -> None:
    visitor.get(link)
    visitor.post("/email-change")
    subjects = [letter["Subject"] for letter in mailbox.letters(OLD)]
    assert subjects[-1] == "Rollcall: your e-mail address was changed"


def test_the_old_address_can_lock_the_account_afterwards(
    app: App, visitor: Browser, link: str, mailbox: Mailbox, people: People
) -> None:
    visitor.get(link)
    visitor.post("/email-change")
    before = len(mailbox.letters(NEW))
    visitor.get(mailbox.link(OLD))
    assert "Tell an administrator" in visitor.post("/not-me").text
    assert people.row(email=NEW)["locked_at"]
    # An intruder may read what goes to the new address.
    assert len(mailbox.letters(NEW)) == before


def test_the_person_sees_and_cancels_it(visitor: Browser, member: Browser, link: str) -> None:
    assert NEW in member.get("/account").text
    assert member.post("/account/email/cancellation").status_code == 303
    assert NEW not in member.get("/account/password").text
    visitor.get(link)
    assert visitor.get("/email-change").status_code == 410


def test_administrators_see_and_cancel_it(owner: Browser, visitor: Browser, link: str, people: People) -> None:
    user_id = people.row(email=OLD)["id"]
    assert NEW in owner.get(f"/users/{user_id}/security").text
    assert owner.post(f"/users/{user_id}/email-change/cancellation").status_code == 303
    assert people.audit_trail(user_id)[-1] == ("email_change.cancelled", {"email": [NEW, None]})
    visitor.get(link)
    assert visitor.post("/email-change").status_code == 410


def test_others_cannot_cancel_it(access: Access, visitor: Browser, link: str, people: People) -> None:
    reader = access.person("Reader")
    access.grant(access.role("Reads", "users.read"), user_id=reader.id)
    path = f"/users/{people.row(email=OLD)['id']}/email-change/cancellation"
    assert access.browser_of(reader).post(path).status_code == 403
    visitor.get(link)
    assert visitor.post("/email-change").status_code == 200


def test_an_address_that_is_taken_meanwhile_is_refused(visitor: Browser, link: str, people: People) -> None:
    people.create(email="NEW@example.com")
    visitor.get(link)
    before = people.row_counts()
    page = visitor.post("/email-change")
    assert (page.status_code, "already in use" in page.text) == (409, True)
    assert (people.row_counts(), bool(people.row(email=OLD))) == (before, True)


@pytest.mark.parametrize(
    "typed", ["", " ", "new", OLD, "MEMBER@example.com", "a@b\r\nBcc: x@y.z", "\x00", "\u202ea@example.com", "a" * 300]
)
def test_others_are_refused(member: Browser, people: People, typed: str) -> None:
    before = people.row_counts()
    assert member.post("/account/email", email=typed).status_code == 422
    assert people.row_counts() == before


def test_it_takes_a_recent_confirmation(member: Browser, people: People) -> None:
    before = people.row_counts()
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert member.post("/account/email", email=NEW).location.startswith("/confirm")
    assert people.row_counts() == before


def test_only_the_newest_link_works(member: Browser, visitor: Browser, link: str, mailbox: Mailbox) -> None:
    member.post("/account/email", email="other@example.com")
    visitor.get(link)
    page = visitor.get("/email-change")
    assert (page.status_code, "There is a newer link" in page.text) == (410, True)


def test_it_expires_after_a_day(visitor: Browser, link: str) -> None:
    visitor.get(link)
    with time_machine.travel(now() + timedelta(hours=25)):
        assert visitor.post("/email-change").status_code == 410


def test_of_20_uses_at_once_one_succeeds(app: App, link: str) -> None:
    browsers = [Browser(app) for _browser in range(20)]
    for browser in browsers:
        browser.get(link)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda browser: browser.post("/email-change").status_code, browsers))
    assert sorted(answers) == [200] + [410] * 19


def test_an_edit_of_an_administrator_notifies_the_old_address(
    app: App, member: Browser, mailbox: Mailbox, people: People
) -> None:
    with app.app_context():
        update_user(people.row(email=OLD)["id"], email=NEW, by=TESTER)
    (letter,) = mailbox.letters()
    assert (letter["To"], NEW in text_of(letter)) == (OLD, True)


def test_erasing_the_person_deletes_the_mails_to_the_new_address(app: App, link: str, people: People) -> None:
    assert mails_to(app, NEW) == 1
    erase(app, people)
    assert mails_to(app, NEW) == 0


def test_mails_to_each_spelling_of_a_new_address_are_deleted(app: App, member: Browser, people: People) -> None:
    spellings = [NEW, "New@Example.com"]
    for address in spellings:
        assert member.post("/account/email", email=address).status_code == 303
    assert [mails_to(app, address) for address in spellings] == [1, 1]
    erase(app, people)
    assert [mails_to(app, address) for address in spellings] == [0, 0]


def test_mails_of_another_person_with_the_new_address_stay(app: App, link: str, people: People) -> None:
    people.create(email=NEW)
    erase(app, people)
    assert mails_to(app, NEW) == 1


def test_mails_to_an_earlier_spelling_of_the_address_are_deleted(
    app: App, member: Browser, people: People, mailbox: Mailbox
) -> None:
    user_id = people.row(email=OLD)["id"]
    with app.app_context():
        start_reset(user_id, by=TESTER)
        update_user(user_id, email="Member@Example.com", by=TESTER)
        assert mails_to(app, OLD) == 1
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)
    assert mails_to(app, OLD) == 0


def test_mails_of_another_person_with_the_former_address_stay(app: App, member: Browser, people: People) -> None:
    user_id = people.row(email=OLD)["id"]
    with app.app_context():
        update_user(user_id, email=NEW, by=TESTER)
        other = people.create(email=OLD, password=People.password)
        start_reset(other.id, by=TESTER)
        before = mails_to(app, OLD)
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)
    assert mails_to(app, OLD) == before


def erase(app: App, people: People) -> None:
    user_id = people.row(email=OLD)["id"]
    with app.app_context():
        delete_user(user_id, by=TESTER)
        purge_user(user_id, by=TESTER)


def mails_to(app: App, address: str) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(Mail.to == address)) or 0
