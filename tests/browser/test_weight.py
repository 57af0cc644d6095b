"""The transferred bytes of a first visit and of the next page. `test_accessibility` weighs each page alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.transfers import AFTERWARDS, FIRST, transferred


def test_the_list_transfers_few_bytes(page: Page) -> None:
    page.goto("/users", wait_until="networkidle")
    expect(page.get_by_role("row")).to_have_count(51)
    first = transferred(page)
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "descending")
    page.wait_for_load_state("networkidle")
    later = sum(size for url, size in transferred(page).items() if url not in first)
    assert 0 < sum(first.values()) <= FIRST
    assert 0 < later <= AFTERWARDS
