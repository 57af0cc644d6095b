"""People change their own password. Their other sessions end, and they get a notice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests.clients import Api, Browser
from tests.factor_factory import add_totp
from tests.factories import People
from webapp.core.clock import now
from webapp.core.passwords import NO_PASSWORD
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.mail.models import Mail, Organisation
from webapp.users.models import User
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

PATH = "/account/password"
NEW = "a completely different phrase"
MEMBER = "member@example.com"


def change(browser: Browser, password: str = NEW, current: str = People.password, **fields: str) -> int:
    return browser.post(PATH, current_password=current, password=password, **fields).status_code


def set_columns(app: App, **values: object) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.email == MEMBER).values(**values))


def test_the_new_password_signs_in_and_the_old_one_does_not(app: App, member: Browser) -> None:
    assert change(member) == 303
    Browser(app).sign_in(MEMBER, NEW)
    assert Browser(app).post("/login", email=MEMBER, password=People.password).status_code == 422


def test_only_this_session_stays_with_a_new_token(app: App, member: Browser) -> None:
    other, stolen = Browser(app).signed_in_as(MEMBER), Browser(app)
    with member.client.session_transaction() as mine, stolen.client.session_transaction() as copy:
        copy["_user_id"] = mine["_user_id"]
    assert stolen.get("/account").status_code == 200
    change(member)
    assert [browser.get("/account").status_code for browser in (member, other, stolen)] == [200, 303, 303]


def test_it_is_recorded_and_mailed(app: App, member: Browser, people: People) -> None:
    change(member)
    anna = people.row(email=MEMBER)
    trail = people.audit_trail(anna["id"])
    assert ("password.changed", {"password": [None, "changed"]}) in trail
    with app.app_context():
        (mail,) = db.session.scalars(select(Mail))
        assert (mail.to, mail.subject) == (MEMBER, "Rollcall: your password was changed")


def test_people_with_a_second_factor_confirm_it_before(app: App, member: Browser, people: People) -> None:
    add_totp(app, people.row(email=MEMBER)["id"])
    before = people.row(email=MEMBER)["password_hash"]
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert member.get(PATH).location.startswith("/confirm")
        assert change(member) == 303
        assert people.row(email=MEMBER)["password_hash"] == before
        assert member.get("/account/factors/totp/removal").location.startswith("/confirm")


@pytest.mark.parametrize("end", [True, False])
def test_people_choose_whether_their_api_tokens_end(app: App, member: Browser, people: People, end: bool) -> None:
    with app.app_context():
        anna = db.session.scalars(select(User).where(User.email == MEMBER)).one()
    program = Api(app, people.token_for(anna))
    change(member, **({"end_tokens": "y"} if end else {}))
    assert program.get("/users").status_code == (401 if end else 403)
    actions = [action for action, _changes in people.audit_trail(anna.id)]
    assert ("tokens.ended" in actions) == end


@pytest.mark.parametrize(
    ("password", "current", "said"),
    [
        (NEW, "wrong", "The current password is wrong"),
        (NEW, "", "Enter your current password"),
        (NEW, "\x00", "The current password is wrong"),
        ("", People.password, "Enter a new password"),
        ("x" * 14, People.password, "at least 15 characters"),
        ("x" * 1_000_000, People.password, "1024"),
        (People.password, People.password, "differs from the current one"),
        ("passwordpassword", People.password, "easy to guess"),
        ("member example.com", People.password, "based on the name"),
    ],
)
def test_others_are_refused(member: Browser, people: People, password: str, current: str, said: str) -> None:
    before, row = people.row_counts(), people.row(email=MEMBER)
    response = member.post(PATH, current_password=current, password=password)
    assert (response.status_code, said in response.text) == (422, True)
    # A wrong current password is recorded.
    after = people.row_counts() | {"security_events": 0}
    assert (after, people.row(email=MEMBER)) == (before, row)


def test_eight_characters_are_enough_with_a_second_factor(app: App, member: Browser) -> None:
    assert change(member, "k7#pWq2z") == 422
    set_columns(app, second_factor_at=now())
    assert change(member, "k7#pWq") == 422
    assert change(member, "k7#pWq2z") == 303


def test_the_name_of_the_organisation_is_not_a_password(app: App, member: Browser) -> None:
    with app.app_context(), transaction():
        db.session.add(Organisation(name="Greenhouse Works", support_contact="", signature={}, invitation_intro={}))
    assert change(member, "greenhouse works 1") == 422


def test_people_without_a_password_set_one_after_they_confirm_who_they_are(app: App, member: Browser) -> None:
    set_columns(app, password_hash=NO_PASSWORD)
    assert "Current password" not in member.get(PATH).text
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert member.get(PATH).location == "/confirm?next=/account/password"
        assert member.post(PATH, password=NEW).status_code == 303
    assert member.post(PATH, password=NEW).location == "/account"
    Browser(app).sign_in(MEMBER, NEW)


def test_it_lifts_the_demand_to_change_it(app: App, member: Browser, people: People) -> None:
    set_columns(app, password_change_required=True)
    assert change(member) == 303
    assert people.row(email=MEMBER)["password_change_required"] is False


def test_of_two_at_once_one_succeeds(app: App, member: Browser, people: People) -> None:
    browsers = [Browser(app).signed_in_as(MEMBER) for _browser in range(2)]
    passwords = ["first of two new phrases", "second of two new phrases"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(change, browsers, passwords))
    anna = people.row(email=MEMBER)
    assert [action for action, _changes in people.audit_trail(anna["id"])].count("password.changed") == 1


def test_password_managers_find_the_page(visitor: Browser) -> None:
    assert visitor.get("/.well-known/change-password").location == PATH


def test_the_current_password_cannot_be_guessed(
    member: Browser, people: People, change_settings: Callable[..., None]
) -> None:
    change_settings(login_limit="10/5minutes")
    for _try in range(8):
        assert change(member, password="weak") == 422
    assert [change(member, current="wrong") for _try in range(7)] == [422] * 6 + [429]
    assert people.row_counts()["security_events"] == 6
