"""Ways back into an account: a reset with a second factor, a one-time pass, a lock from a notice, the command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.conftest import Visit
from tests.browser.mails import mailed_link
from tests.browser.site import EMAIL, OWNER, PASSWORD
from tests.factor_factory import add_totp, totp_code
from tests.factories import People
from tests.server import SECRET_KEY, running_server
from webapp import create_app
from webapp.db.session import db
from webapp.settings import load_settings
from webapp.users.queries import get_user_by_identifier
from webapp.web.api import App

ANNA, NEW = "anna@example.com", "a completely different phrase"


@dataclass
class Running:
    """A server that writes its e-mails into a folder, and an app on its database."""

    address: str
    app: App
    people: People
    mails: Path

    def link(self, to: str, page: str) -> str:
        return mailed_link(self.mails, to, page)


@pytest.fixture
def server(browser: Any, tmp_path: Path) -> Iterator[Running]:
    mails = tmp_path / "mails"
    mails.mkdir()
    with running_server(tmp_path, MAIL_URL=f"file://{mails}", **OWNER) as server:
        url = f"sqlite:///{tmp_path}/rollcall.db"
        settings = {"APP_ENV": "testing", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "BASE_URL": server.address}
        app = create_app(load_settings(settings))
        people = People(app)
        people.create(email=ANNA, name="Anna", password=PASSWORD)
        yield Running(server.address, app, people, mails)
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def page(profile: Visit, server: Running) -> Page:
    return profile(base_url=server.address)


def choose_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_role("button", name="Save password").click()


def seed_of(server: Running) -> str:
    with server.app.app_context():
        user_id = get_user_by_identifier(ANNA).id
    return add_totp(server.app, user_id)


def test_a_forgotten_password_is_reset_with_a_code(server: Running, page: Page) -> None:
    seed = seed_of(server)
    page.goto("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail or username").fill(ANNA)
    page.get_by_role("button", name="Send e-mail").click()
    expect(page.get_by_role("button", name="Send again in")).to_be_disabled()
    page.goto(server.link(ANNA, "reset"))
    expect(page).to_have_url(re.compile("/reset$"))
    page.get_by_label("Code").fill(totp_code(seed))
    page.get_by_role("button", name="Continue").click()
    choose_password(page)
    expect(page.get_by_label("Account menu")).to_be_visible()


def test_a_new_password_is_checked_while_it_is_typed(server: Running, page: Page) -> None:
    sign_in(page, ANNA, PASSWORD)
    page.goto("/account/password")
    field = page.get_by_label("New password", exact=True)
    field.fill("passwordpassword")
    expect(page.get_by_text("This password is easy to guess")).to_be_visible()
    field.fill(NEW)
    expect(page.get_by_text("Long enough")).to_be_visible()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_text("Password changed")).to_be_visible()


def test_a_lost_phone_is_replaced_with_a_one_time_pass(server: Running, page: Page, profile: Visit) -> None:
    seed_of(server)
    sign_in(page, EMAIL, PASSWORD)
    page.goto("/users?q=anna")
    page.get_by_role("link", name="Anna").first.click()
    page.get_by_role("link", name="Security").click()
    page.get_by_role("button", name="Give one-time pass").click()
    link = page.locator("main code").inner_text()
    anna = profile(base_url=server.address)
    anna.goto(link)
    choose_password(anna)
    expect(anna.get_by_label("Account menu")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Set just now")).to_be_visible()


def test_a_notice_of_a_new_device_locks_the_account(server: Running, page: Page, profile: Visit) -> None:
    sign_in(page, ANNA, PASSWORD)
    thief = profile(base_url=server.address)
    sign_in(thief, ANNA, PASSWORD)
    anna = profile(base_url=server.address)
    anna.goto(server.link(ANNA, "not-me"))
    anna.get_by_role("button", name="Lock account").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Your account is locked")
    thief.goto("/account")
    expect(thief).to_have_url(re.compile("/login"))
    anna.goto(server.link(ANNA, "reset"))
    choose_password(anna)
    expect(anna.get_by_label("Account menu")).to_be_visible()


def test_the_last_owner_is_let_in_by_the_command(server: Running, page: Page) -> None:
    result = server.app.test_cli_runner().invoke(args=["users", "recover", "--email", EMAIL])
    page.goto(result.stdout.strip())
    choose_password(page)
    page.goto("/users")
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
