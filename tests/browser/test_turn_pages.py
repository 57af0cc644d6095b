"""The search explains itself, and the list begins where somebody wants, with and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_example_is_searched_for_by_a_press(owners_page: Visit, script: bool) -> None:
    page = owners_page(java_script_enabled=script)
    page.goto("/users?sort=-created")
    page.locator("summary[aria-label='Search help']").press("Enter")
    page.get_by_role("link", name="status:invited").click()
    expect(page.get_by_role("searchbox")).to_have_value("status:invited")
    assert "sort=-created" in page.url


def test_the_help_closes_by_escape_and_gives_the_focus_back(owners_page: Visit) -> None:
    page = owners_page()
    page.goto("/users")
    page.locator(".search-box [data-shortcut-hint]:not([hidden])").wait_for()
    help_with_it = page.locator("summary[aria-label='Search help']")
    help_with_it.press("Enter")
    expect(page.get_by_role("link", name="last_sign_in:never")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="last_sign_in:never")).to_be_hidden()
    expect(help_with_it).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_list_begins_at_what_is_typed_until_that_is_taken_away(owners_page: Visit, script: bool) -> None:
    page = owners_page(java_script_enabled=script)
    page.goto("/users?limit=25")
    page.get_by_label("Start at").fill("о")
    page.keyboard.press("Enter")
    expect(page.locator(".person-name a").first).to_have_text("Ольга Смирнова")
    page.get_by_role("link", name="Remove filter: Starts at о").click()
    expect(page.locator("a.chip")).to_have_count(0)
    assert page.url.endswith("/users?limit=25")
