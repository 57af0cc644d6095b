"""The transferred bytes of a first visit and of the next page. `test_accessibility` weighs each page alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.transfers import AFTERWARDS, FIRST, Transfers


def test_the_list_transfers_few_bytes(page: Page) -> None:
    received = Transfers(page.context.new_cdp_session(page))
    page.goto("/users", wait_until="networkidle")
    expect(page.get_by_role("row")).to_have_count(51)
    first = received.total
    received.forget()
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "descending")
    page.wait_for_load_state("networkidle")
    assert 0 < first <= FIRST
    assert 0 < received.total <= AFTERWARDS
