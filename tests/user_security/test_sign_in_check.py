"""The page that explains why a user cannot sign in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from tests.clients import Browser
from tests.factor_factory import add_totp
from tests.factories import People
from webapp.core.clock import now
from webapp.core.passwords import NO_PASSWORD
from webapp.db.session import db
from webapp.db.transactions import transaction
from webapp.factors.models import Passkey
from webapp.users.models import User
from webapp.users.schemas import UserOut
from webapp.web.api import App

pytestmark = pytest.mark.one_engine


@pytest.fixture
def anton(people: People) -> UserOut:
    return people.create(name="Антон", password=people.password)


def test_a_user_who_can_sign_in_has_no_failed_check(owner: Browser, anton: UserOut) -> None:
    assert "Can they sign in?" in owner.get(f"/users/{anton.id}").text
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert "The password is set" in page
    assert "check-failed" not in page


@pytest.mark.parametrize(
    ("state", "words", "remedy"),
    [
        ({"deleted_at": -1}, "account was deleted on", "/restoration"),
        ({"deactivated_at": -1}, "The account was deactivated", "/reactivation"),
        ({"starts_at": 1}, "Access starts on", "/edit#starts_at"),
        ({"ends_at": -1}, "Access ended", "/edit#ends_at"),
        ({"password_hash": None}, "No password is set", "/edit#password"),
    ],
)
def test_a_failed_check_links_to_its_remedy(
    app: App, owner: Browser, anton: UserOut, state: dict[str, Any], words: str, remedy: str
) -> None:
    change(app, anton, **state)
    assert "Why can’t they sign in?" in owner.get(f"/users/{anton.id}").text
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert page.count("check-failed") == 1
    assert words in page
    assert f'href="/users/{anton.id}{remedy}"' in page


def test_a_passkey_stands_in_for_the_password(app: App, owner: Browser, anton: UserOut) -> None:
    change(app, anton, password_hash=NO_PASSWORD)
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert "No password is set" in page
    assert f'href="/users/{anton.id}/security#help"' in page
    with app.app_context(), transaction():
        db.session.add(
            Passkey(user_id=anton.id, credential_id=b"x", public_key=b"x", aaguid="", name="Phone", is_synced=False)
        )
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert ("sign in with a passkey" in page, "check-failed" in page) == (True, False)


def test_an_invitation_is_open_or_has_ended(app: App, owner: Browser) -> None:
    user_id = owner.post("/users", email="new@example.com", name="New").location.rpartition("/")[2]
    address = f"/users/{user_id}/sign-in-check"
    page = owner.get(address).text
    assert "have not accepted their invitation" in page
    assert '</time>. <a class="link"' in page
    with time_machine.travel(now() + timedelta(hours=73)):
        browser = Browser(app).signed_in_as("olga@example.com")
        page = browser.get(address).text
    assert "did not accept their invitation" in page
    assert page.count("check-failed") == 1


def test_failed_attempts_delay_the_sign_in(app_with: Callable[..., App], anton: UserOut, people: People) -> None:
    app = app_with(LOGIN_LIMIT="6/5minutes")
    for _try in range(6):
        Browser(app).post("/login", email=anton.email, password="wrong")
    owner = Browser(app).signed_in_as(people.owner().email)
    for page in ("sign-in-check", "security"):
        assert "they must wait 5 minutes" in owner.get(f"/users/{anton.id}/{page}").text


def test_wrong_codes_delay_it_too(
    app: App, owner: Browser, anton: UserOut, change_settings: Callable[..., None]
) -> None:
    add_totp(app, anton.id)
    browser = Browser(app)
    browser.post("/login", email=anton.email, password=People.password)
    change_settings(login_limit="10/5minutes")
    for _try in range(5):
        browser.post("/login/second-factor", code="000000")
    assert "they must wait 5 minutes" in owner.get(f"/users/{anton.id}/sign-in-check").text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"password_change_required": True}, "must change their password after signing in"),
        ({"second_factor_due_at": -1}, "must add a second factor after signing in"),
    ],
)
def test_a_required_step_is_to_do(
    app: App,
    owner: Browser,
    anton: UserOut,
    change_settings: Callable[..., None],
    state: dict[str, Any],
    words: str,
) -> None:
    change_settings(mfa_required="everyone", password_change_required="on")
    change(app, anton, **state)
    page = owner.get(f"/users/{anton.id}/sign-in-check").text
    assert (words in page, page.count("check-to-do"), "check-failed" in page) == (True, 1, False)
    assert words in owner.get(f"/users/{anton.id}/security").text


def change(app: App, user: UserOut, **state: Any) -> None:
    """Change columns of the user. A number is days from now."""
    values = {name: now() + timedelta(days=value) if type(value) is int else value for name, value in state.items()}
    with app.app_context(), transaction():
        db.session.execute(update(User).where(User.id == user.id).values(values))


def test_a_member_is_refused(member: Browser, anton: UserOut) -> None:
    assert member.get(f"/users/{anton.id}/sign-in-check").status_code == 403
