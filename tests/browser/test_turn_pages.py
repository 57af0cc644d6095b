"""The search help, and starting the list at some letters, with and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_click_on_an_example_searches_for_it(owners_page: Visit, script: bool) -> None:
    page = owners_page(java_script_enabled=script)
    page.goto("/users?sort=-created")
    page.locator("summary[aria-label='Search help']").press("Enter")
    page.get_by_role("link", name="invitation:sent").click()
    expect(page.get_by_role("searchbox")).to_have_value("invitation:sent")
    assert "sort=-created" in page.url


def test_escape_closes_the_help_and_restores_the_focus(owners_page: Visit) -> None:
    page = owners_page()
    page.goto("/users")
    page.locator(".search-box [data-shortcut-hint]:not([hidden])").wait_for()
    help_button = page.locator("summary[aria-label='Search help']")
    help_button.press("Enter")
    expect(page.get_by_role("link", name="last_sign_in:never")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="last_sign_in:never")).to_be_hidden()
    expect(help_button).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_list_starts_at_the_typed_letters(owners_page: Visit, script: bool) -> None:
    page = owners_page(java_script_enabled=script)
    page.goto("/users?limit=25")
    page.get_by_label("Start at").fill("о")
    page.keyboard.press("Enter")
    expect(page.locator(".person-name a").first).to_have_text("Ольга Смирнова")
    page.get_by_role("link", name="Remove filter: Starts at о").click()
    expect(page.locator("a.chip")).to_have_count(0)
    assert page.url.endswith("/users?limit=25")
