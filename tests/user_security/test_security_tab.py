"""The Security tab of a person shows how they sign in, and lets administrators change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from tests.access_factory import Access
from tests.clients import Browser
from tests.factor_factory import add_totp
from tests.factories import People
from tests.mailbox import Mailbox
from webapp.core.clock import now
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.signin.models import SecurityEvent
from webapp.signin.queries import sessions_of
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA = "anna@example.com"


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_it_shows_sessions_factors_and_failed_attempts(app: App, owner: Browser, anna: UserOut) -> None:
    Browser(app).signed_in_as(ANNA)
    seed = add_totp(app, anna.id)
    with app.app_context(), transaction():
        db.session.add(SecurityEvent(user_id=anna.id, kind="failed", address="192.0.2.7", agent="x"))
    page = owner.get(f"/users/{anna.id}/security").text
    for said in ("127.0.0.1", "192.0.2.7", "Authenticator app", "Send reset", "Give one-time pass"):
        assert said in page
    assert seed not in page


@pytest.mark.parametrize("setting", ["on", "off"])
def test_it_shows_what_the_person_must_do_only_if_a_setting_asks_for_it(
    app: App, owner: Browser, anna: UserOut, change_settings: Callable[..., None], setting: str
) -> None:
    with app.app_context(), transaction():
        values = {"password_change_required": True, "second_factor_due_at": now()}
        db.session.execute(update(User).where(User.id == anna.id).values(values))
    change_settings(password_change_required=setting, mfa_required="everyone" if setting == "on" else "off")
    page = owner.get(f"/users/{anna.id}/security").text
    for said in ("Must be changed at the next sign-in", "Must be added by"):
        assert (said in page) == (setting == "on")


def test_one_session_or_all_end(app: App, owner: Browser, anna: UserOut) -> None:
    browsers = [Browser(app).signed_in_as(ANNA) for _browser in range(3)]
    with app.app_context():
        first = sessions_of(anna.id)[-1].id
    assert owner.post(f"/users/{anna.id}/sessions/{first}/end").status_code == 303
    assert [browser.get("/account").status_code for browser in browsers].count(303) == 1
    assert owner.post(f"/users/{anna.id}/sessions/end").status_code == 303
    assert [browser.get("/account").status_code for browser in browsers] == [303] * 3


def test_a_session_of_someone_else_stays(app: App, owner: Browser, anna: UserOut, people: People) -> None:
    with app.app_context():
        own = sessions_of(people.owner().id)[0].id
    owner.post(f"/users/{anna.id}/sessions/{own}/end")
    assert owner.get("/users").status_code == 200


def test_a_factor_is_removed_and_the_person_is_told(
    app: App, owner: Browser, anna: UserOut, people: People, mailbox: Mailbox
) -> None:
    add_totp(app, anna.id)
    before = len(mailbox.letters(ANNA))
    assert owner.post(f"/users/{anna.id}/factors/totp/removal").status_code == 303
    assert people.row(id=anna.id)["second_factor_at"] is None
    assert len(mailbox.letters(ANNA)) == before + 1


@pytest.mark.parametrize("factor", ["totp", "x", "01a20c33-7cd6-70ee-b0a1-652ec903b536"])
def test_a_factor_that_does_not_exist_is_not_found(owner: Browser, anna: UserOut, people: People, factor: str) -> None:
    before = people.row_counts()
    assert owner.post(f"/users/{anna.id}/factors/{factor}/removal").status_code == 404
    assert people.row_counts() == before


PATHS = ["sessions/end", "sessions/01a20c33-7cd6-70ee-b0a1-652ec903b536/end", "factors/totp/removal"]


@pytest.mark.parametrize("path", PATHS)
def test_changes_take_the_permission_and_a_recent_confirmation(
    app: App, access: Access, anna: UserOut, people: People, path: str
) -> None:
    add_totp(app, anna.id)
    reader, helper = access.person("Reader"), access.person("Helper")
    access.grant(access.role("Reads", "users.read"), user_id=reader.id)
    access.grant(access.role("Resets", "users.read", "users.reset"), user_id=helper.id)
    reading, helping, olga = access.browser_of(reader), access.browser_of(helper), people.owner()
    assert "Send reset" not in reading.get(f"/users/{anna.id}/security").text
    before = people.row_counts()
    assert reading.post(f"/users/{anna.id}/{path}").status_code == 403
    assert helping.post(f"/users/{olga.id}/{path}").status_code == 403
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert helping.post(f"/users/{anna.id}/{path}").location.startswith("/confirm")
    assert people.row_counts() == before
