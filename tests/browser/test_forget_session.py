"""Signing out removes what the tab remembers."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.site import EMAIL, PASSWORD

KEPT = "() => Object.keys(sessionStorage).length"


def test_the_tab_forgets_a_session_that_ended(visitor: Page) -> None:
    sign_in(visitor, EMAIL, PASSWORD)
    visitor.goto("/users")
    visitor.wait_for_function(f"({KEPT})() > 0")
    visitor.get_by_label("Account menu").click()
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor).to_have_url(re.compile("/login"))
    visitor.wait_for_function(f"({KEPT})() === 0")
