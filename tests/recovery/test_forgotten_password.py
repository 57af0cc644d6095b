"""People who forgot their password get a link by e-mail. The answer does not show whether there is an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.bin.services import delete_user
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.jobs.models import Job
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA = "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, username="anna", name="Anna", password=People.password)


@pytest.mark.parametrize("typed", [ANNA, " ANNA@Example.com ", "anna"])
def test_the_account_gets_a_link(visitor: Browser, mailbox: Mailbox, anna: UserOut, people: People, typed: str) -> None:
    assert visitor.post("/forgot", email=typed).status_code == 200
    (letter,) = mailbox.letters()
    assert (letter["To"], letter["Subject"]) == (ANNA, "Rollcall: choose a new password")
    assert re.search(r"/reset\?token=[\w-]{43}\s", text_of(letter))
    assert people.audit_trail(anna.id)[-1] == ("password_reset.sent", {})


def test_the_answer_is_the_same_for_everyone(visitor: Browser, anna: UserOut) -> None:
    pages = []
    for typed in (ANNA, "anne@example.com"):
        page = visitor.post("/forgot", email=typed)
        assert (page.status_code, typed in page.text) == (200, True)
        pages.append(re.sub(r'value="[^"]*"', "", page.text.replace(typed, "")))
    assert pages[0] == pages[1]


def test_each_request_is_a_job_that_does_not_show_what_was_typed(app: App, visitor: Browser, anna: UserOut) -> None:
    with app.app_context():
        for typed in (ANNA, "nobody@example.com"):
            visitor.post("/forgot", email=typed)
        jobs = db.session.scalars(select(Job).where(Job.kind == "recovery.reset")).all()
    assert len(jobs) == 2
    assert ANNA not in str([job.arguments for job in jobs])


@pytest.mark.parametrize("typed", ["nobody@example.com", "\x00", "\u202e@example.com", "🎉", "аnna", "a" * 254])
def test_others_get_nothing(visitor: Browser, mailbox: Mailbox, anna: UserOut, typed: str) -> None:
    assert visitor.post("/forgot", email=typed).status_code == 200
    assert mailbox.letters() == []


@pytest.mark.parametrize("typed", ["", "a" * 255, None])
def test_nothing_and_too_much_are_refused(visitor: Browser, people: People, typed: str | None) -> None:
    before = people.row_counts()
    assert visitor.post("/forgot", email=typed).status_code == 422
    assert people.row_counts() == before


def test_deactivated_people_get_nothing(app: App, visitor: Browser, mailbox: Mailbox, anna: UserOut) -> None:
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
    visitor.post("/forgot", email=ANNA)
    assert mailbox.letters() == []


def test_the_id_of_a_deleted_account_is_no_fault(app: App, visitor: Browser, mailbox: Mailbox, anna: UserOut) -> None:
    with app.app_context():
        delete_user(anna.id, by=TESTER)
    for path in ("/forgot", "/invitation/again"):
        assert visitor.post(path, email=str(anna.id)).status_code == 200
    assert mailbox.letters() == []
    with app.app_context():
        assert set(db.session.scalars(select(Job.error))) == {None}


def test_requests_are_limited_for_each_account(
    visitor: Browser, mailbox: Mailbox, anna: UserOut, change_settings: Callable[..., None]
) -> None:
    change_settings(reset_limit="2/day")
    start = now()
    for minutes in (0, 2, 4, 24 * 60 + 3):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert visitor.post("/forgot", email=ANNA).status_code == 200
            mailbox.letters()
    assert len(mailbox.letters()) == 3


def test_a_second_request_within_a_minute_sends_nothing(
    visitor: Browser, mailbox: Mailbox, anna: UserOut, change_settings: Callable[..., None]
) -> None:
    change_settings(reset_limit="5/day")
    for _request in range(2):
        visitor.post("/forgot", email=ANNA)
    assert len(mailbox.letters()) == 1


def test_it_needs_the_token_of_a_form(visitor: Browser, people: People) -> None:
    before = people.row_counts()
    assert visitor.client.post("/forgot", data={"email": ANNA}).status_code == 400
    assert people.row_counts() == before


def test_invited_people_get_their_invitation_again(visitor: Browser, mailbox: Mailbox, people: People) -> None:
    people.create(email="ines@example.com", name="Ines", invite=True)
    visitor.post("/forgot", email="ines@example.com")
    links = [text_of(letter) for letter in mailbox.letters("ines@example.com")]
    assert [text.count("/invitation?token=") for text in links] == [1, 1]


def test_invited_people_whose_access_has_ended_get_nothing(
    app: App, visitor: Browser, mailbox: Mailbox, people: People
) -> None:
    ines = people.create(email="ines@example.com", name="Ines", invite=True)
    before = len(mailbox.letters())
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.id == ines.id).values(ends_at=now()))
    visitor.post("/forgot", email="ines@example.com")
    assert len(mailbox.letters()) == before
