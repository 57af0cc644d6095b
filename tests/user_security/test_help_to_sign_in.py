"""Administrators mail a reset, give a one-time pass, or secure a compromised account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from tests.access_factory import Access
from tests.clients import Api, Browser
from tests.factor_factory import add_recovery_codes, add_totp
from tests.factories import TESTER, People
from tests.mailbox import Mailbox
from webapp.access.models import OWNER
from webapp.core.clock import now
from webapp.users.schemas import UserOut
from webapp.users.services import deactivate_user
from webapp.web.api import App

pytestmark = pytest.mark.one_engine

ANNA, NEW = "anna@example.com", "a completely different phrase"
ACTIONS = ["password-reset", "one-time-pass", "compromised"]


@pytest.fixture
def anna(people: People) -> UserOut:
    return people.create(email=ANNA, name="Anna", password=People.password)


def test_a_reset_is_mailed(owner: Browser, anna: UserOut, mailbox: Mailbox, people: People) -> None:
    assert owner.post(f"/users/{anna.id}/password-reset").status_code == 303
    assert mailbox.link(ANNA).startswith("/reset?token=")
    assert people.audit_trail(anna.id)[-1] == ("password_reset.sent", {})


def given_pass(owner: Browser, anna: UserOut) -> str:
    page = owner.post(f"/users/{anna.id}/one-time-pass").text
    return re.search(r"/reset\?token=[\w-]{43}", page)[0]


def test_a_one_time_pass_stands_in_for_all_factors(
    app: App, owner: Browser, anna: UserOut, visitor: Browser, people: People
) -> None:
    add_totp(app, anna.id)
    add_recovery_codes(app, anna.id)
    visitor.get(given_pass(owner, anna))
    assert 'name="password"' in visitor.get("/reset").text
    assert visitor.post("/reset", password=NEW).status_code == 303
    row = people.row(id=anna.id)
    assert (row["second_factor_at"], row["second_factor_due_at"] <= now()) == (None, True)
    assert people.row_counts()["recovery_codes"] == 0
    assert visitor.get("/account").status_code == 200


def test_a_short_password_is_refused_because_the_second_factor_goes(
    app: App, owner: Browser, anna: UserOut, visitor: Browser, people: People
) -> None:
    add_totp(app, anna.id)
    visitor.get(given_pass(owner, anna))
    assert 'data-min="15"' in visitor.get("/reset").text
    before, row = people.row_counts(), people.row(id=anna.id)
    assert visitor.post("/reset", password="k7#pWq2z").status_code == 422
    assert (people.row_counts(), people.row(id=anna.id)) == (before, row)


def test_it_is_mailed_without_the_link(owner: Browser, anna: UserOut, mailbox: Mailbox, people: People) -> None:
    given_pass(owner, anna)
    (letter,) = mailbox.letters(ANNA)
    assert letter["Subject"] == "Rollcall: you were given a one-time pass"
    assert "/reset" not in letter.as_string()
    assert ("one_time_pass.issued", {}) in people.audit_trail(anna.id)


def test_it_works_for_15_minutes(owner: Browser, anna: UserOut, visitor: Browser) -> None:
    visitor.get(given_pass(owner, anna))
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert visitor.post("/reset", password=NEW).status_code == 410


def test_a_compromised_account_is_secured(app: App, owner: Browser, anna: UserOut, people: People) -> None:
    add_totp(app, anna.id)
    thief, program = Browser(app).signed_in_as(ANNA), Api(app, people.token_for(anna))
    assert "1 session ends" in owner.get(f"/users/{anna.id}/compromised").text
    assert owner.post(f"/users/{anna.id}/compromised").status_code == 303
    assert (thief.get("/account").status_code, program.get("/users").status_code) == (303, 401)
    assert Browser(app).post("/login", email=ANNA, password=People.password).status_code == 422
    row = people.row(id=anna.id)
    assert (row["second_factor_at"], row["status"]) == (None, "active")
    assert "account.compromised" in [action for action, _changes in people.audit_trail(anna.id)]


def test_the_person_comes_back_with_the_mail(owner: Browser, anna: UserOut, visitor: Browser, mailbox: Mailbox) -> None:
    owner.post(f"/users/{anna.id}/compromised")
    visitor.get(mailbox.link(ANNA))
    assert visitor.post("/reset", password=NEW).status_code == 303
    assert visitor.get("/account").status_code == 200


def test_the_last_owner_can_be_secured_and_comes_back(
    app: App, access: Access, people: People, visitor: Browser, mailbox: Mailbox
) -> None:
    helper = access.person("Helper", roles=[OWNER], ends_at=now() + timedelta(days=3))
    olga = people.owner()
    browser = access.browser_of(helper)
    assert "This is the last owner" in browser.get(f"/users/{olga.id}/compromised").text
    assert browser.post(f"/users/{olga.id}/compromised").status_code == 303
    visitor.get(mailbox.link("olga@example.com"))
    assert visitor.post("/reset", password=NEW).status_code == 303
    assert visitor.get("/users").status_code == 200


@pytest.mark.parametrize("action", ["one-time-pass", "compromised"])
def test_not_for_oneself(owner: Browser, people: People, action: str) -> None:
    olga = people.owner()
    before, row = people.row_counts(), people.row(id=olga.id)
    assert owner.post(f"/users/{olga.id}/{action}").status_code == 403
    assert (people.row_counts(), people.row(id=olga.id)) == (before, row)


@pytest.mark.parametrize("action", ACTIONS)
def test_it_takes_the_permission_over_the_person(access: Access, anna: UserOut, people: People, action: str) -> None:
    reader, helper = access.person("Reader"), access.person("Helper")
    access.grant(access.role("Reads", "users.read", "users.edit"), user_id=reader.id)
    access.grant(access.role("Resets", "users.read", "users.reset"), user_id=helper.id)
    olga = people.owner()
    browsers = access.browser_of(reader), access.browser_of(helper)
    before = people.row_counts()
    assert browsers[0].post(f"/users/{anna.id}/{action}").status_code == 403
    assert browsers[1].post(f"/users/{olga.id}/{action}").status_code == 403
    assert people.row_counts() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_takes_a_recent_confirmation(app: App, owner: Browser, anna: UserOut, people: People, action: str) -> None:
    row = people.row(id=anna.id)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert owner.post(f"/users/{anna.id}/{action}").location.startswith("/confirm")
    assert people.row(id=anna.id) == row


@pytest.mark.parametrize("action", ACTIONS)
def test_people_without_access_get_nothing(
    app: App, owner: Browser, anna: UserOut, people: People, mailbox: Mailbox, action: str
) -> None:
    with app.app_context():
        deactivate_user(anna.id, by=TESTER)
    invited = people.create(name="Ines")
    before = people.row_counts()
    assert [owner.post(f"/users/{user.id}/{action}").status_code for user in (anna, invited)] == [409, 409]
    assert (people.row_counts(), mailbox.letters()) == (before, [])
