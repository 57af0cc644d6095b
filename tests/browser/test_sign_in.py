"""Sign in with the form, and sign out."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.site import EMAIL, PASSWORD


def test_a_wrong_password_shows_an_error_and_keeps_the_address(visitor: Page) -> None:
    visitor.goto("/login")
    visitor.get_by_label("E-mail or username").fill(EMAIL)
    visitor.get_by_label("Password", exact=True).fill("not the password")
    visitor.get_by_role("button", name="Sign in", exact=True).click()

    summary = visitor.get_by_role("alert", name="There is a problem")
    expect(summary).to_contain_text("The e-mail, username or password is wrong")
    expect(summary).to_be_focused()
    expect(visitor.get_by_label("E-mail or username")).to_have_value(EMAIL)
    expect(visitor.get_by_label("Password", exact=True)).to_have_value("")


def test_signing_in_with_a_username_opens_the_requested_page(visitor: Page) -> None:
    visitor.goto("/users?status=invited")
    expect(visitor).to_have_url(re.compile("/login"))
    visitor.get_by_label("E-mail or username").fill("OLGA")
    visitor.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor).to_have_url(re.compile(r"/users\?status=invited$"))


def test_signing_out_ends_the_session(visitor: Page) -> None:
    sign_in(visitor, EMAIL, PASSWORD)
    visitor.get_by_label("Account menu").click()
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Sign in")
    visitor.goto("/users")
    expect(visitor).to_have_url(re.compile("/login"))


def test_the_password_can_be_shown(visitor: Page) -> None:
    visitor.goto("/login")
    field = visitor.get_by_label("Password", exact=True)
    field.fill(PASSWORD)
    visitor.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    visitor.get_by_role("button", name="Show password", pressed=True).click()
    expect(field).to_have_attribute("type", "password")
