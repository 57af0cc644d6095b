"""The tree of groups with JavaScript: it opens in place, and the arrow keys move in it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

pytestmark = pytest.mark.one_engine


@pytest.fixture
def groups(page: Page, site: Site) -> Page:
    page.goto("/groups")
    page.locator("#results[data-tree]").wait_for()
    return page


def test_arrow_keys_open_and_close_groups_and_the_address_remembers_them(groups: Page) -> None:
    row = groups.locator("tr.tree-level-1:has([data-toggle])").first
    top, toggle = row.locator("[data-row-link]"), row.locator("[data-toggle]")
    top.focus()
    groups.keyboard.press("ArrowRight")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(groups).to_have_url(re.compile(r"\?open="))
    expect(top).to_be_focused()
    groups.keyboard.press("ArrowRight")
    expect(groups.locator("tr.tree-level-2 [data-row-link]").first).to_be_focused()
    groups.reload()
    expect(toggle).to_have_attribute("aria-expanded", "true")


def test_the_left_arrow_goes_to_the_parent_and_closes_it(groups: Page) -> None:
    row = groups.locator("tr.tree-level-1:has([data-toggle])").first
    top, toggle = row.locator("[data-row-link]"), row.locator("[data-toggle]")
    toggle.click()
    inner = groups.locator("tr.tree-level-2 [data-row-link]").first
    inner.focus()
    groups.keyboard.press("ArrowLeft")
    expect(top).to_be_focused()
    groups.keyboard.press("ArrowLeft")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(inner).to_be_hidden()
