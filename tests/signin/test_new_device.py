"""A sign-in from a new device sends a notice."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.clients import Browser
from tests.factories import People
from webapp.db.session import db
from webapp.mail.models import Mail
from webapp.signin.models import UserSession
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

EMAIL = "olga@example.com"


def subjects(app: App) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Mail.subject).order_by(Mail.id)))


def test_the_second_device_sends_a_notice(app: App, people: People) -> None:
    people.owner()
    first, second = Browser(app).sign_in(EMAIL), Browser(app)
    assert subjects(app) == []
    form = {"csrf_token": second.csrf_token(), "email": EMAIL, "password": people.password}
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    assert second.client.post("/login", data=form, headers={"User-Agent": agent}).status_code == 303
    assert subjects(app) == ["Rollcall: sign-in from a new device (Firefox 128 on Windows)"]
    for browser in (first, second):
        browser.post("/logout")
        browser.sign_in(EMAIL)
    assert len(subjects(app)) == 1
    assert people.row_counts()["known_devices"] == 2


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
