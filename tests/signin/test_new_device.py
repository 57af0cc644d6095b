"""A sign-in from a new device sends a notice."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select, update

from tests.clients import Browser
from tests.factories import TESTER, People
from tests.mailbox import Mailbox, text_of
from webapp.core.clock import now
from webapp.db.session import db
from webapp.jobs.models import Job, State
from webapp.jobs.services import run_due_jobs
from webapp.mail.models import Mail
from webapp.signin.models import UserSession
from webapp.users.models import User
from webapp.users.services import update_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

EMAIL = "olga@example.com"


AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


def subjects(app: App) -> list[str]:
    with app.app_context():
        run_due_jobs(holder="tests")
        return list(db.session.scalars(select(Mail.subject).order_by(Mail.id)))


def test_the_second_device_sends_a_notice(app: App, people: People) -> None:
    people.owner()
    first, second = Browser(app).sign_in(EMAIL), Browser(app)
    assert subjects(app) == []
    form = {"csrf_token": second.csrf_token(), "email": EMAIL, "password": people.password}
    assert second.client.post("/login", data=form, headers={"User-Agent": AGENT}).status_code == 303
    assert subjects(app) == ["Rollcall: sign-in from a new device (Firefox 128 on Windows)"]
    for browser in (first, second):
        browser.post("/logout")
        browser.sign_in(EMAIL)
    assert len(subjects(app)) == 1
    assert people.row_counts()["known_devices"] == 2


def sign_in_on_new_device(app: App, people: People) -> None:
    people.owner()
    Browser(app).sign_in(EMAIL)
    new = Browser(app)
    form = {"csrf_token": new.csrf_token(), "email": EMAIL, "password": people.password}
    assert new.client.post("/login", data=form, headers={"User-Agent": AGENT}).status_code == 303


def test_the_notice_says_when_and_from_where_even_if_it_is_late(app: App, people: People, mailbox: Mailbox) -> None:
    with time_machine.travel(datetime(2026, 3, 5, 9, 41, tzinfo=UTC), tick=False):
        sign_in_on_new_device(app, people)
    text = text_of(mailbox.letters(EMAIL)[-1])
    assert all(each in text for each in ("Mar 5, 2026, 9:41", "127.0.0.1", "Firefox 128 on Windows", "/not-me?token="))


def test_the_job_shows_neither_address_nor_device(app: App, people: People) -> None:
    sign_in_on_new_device(app, people)
    with app.app_context():
        arguments = json.dumps(db.session.scalars(select(Job.arguments).where(Job.kind == "sign_in.notice")).one())
    assert not any(each in arguments for each in (EMAIL, "127.0.0.1", "Firefox"))


def test_the_notice_goes_to_the_address_of_the_sign_in(app: App, people: People, mailbox: Mailbox) -> None:
    sign_in_on_new_device(app, people)
    with app.app_context():
        update_user(people.owner().id, email="intruder@example.com", by=TESTER)
    notices = [letter["To"] for letter in mailbox.letters() if "new device" in letter["Subject"]]
    assert notices == [EMAIL]


@pytest.mark.parametrize("change", ["deleted", "other key"])
def test_a_notice_that_cannot_be_sent_ends_its_job(app: App, people: People, change: str) -> None:
    sign_in_on_new_device(app, people)
    with app.app_context():
        if change == "deleted":
            db.session.execute(update(User).values(deleted_at=now()))
        else:
            db.session.execute(update(Job).values(arguments={"sign_in": "sealed with another key"}))
        db.session.commit()
        run_due_jobs(holder="tests")
        assert db.session.scalars(select(Job.state).where(Job.kind == "sign_in.notice")).one() == State.DONE
        assert db.session.scalars(select(Mail)).all() == []


def test_the_session_names_its_device(app: App, people: People) -> None:
    people.owner()
    Browser(app).sign_in(EMAIL)
    with app.app_context():
        assert db.session.scalars(select(UserSession.device_id)).one() is not None


@pytest.mark.parametrize("value", ["", "x", "\x00", "я" * 43, "x" * 4000, "../../etc"])
def test_a_wrong_cookie_gets_a_new_one(app: App, people: People, value: str) -> None:
    people.owner()
    browser, name = Browser(app), f"{app.settings.cookie_name}-device"
    browser.client.set_cookie(name, value)
    browser.sign_in(EMAIL)
    cookie = browser.client.get_cookie(name)
    assert cookie
    assert len(cookie.value) == 43
