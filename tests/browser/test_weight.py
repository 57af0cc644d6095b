"""The transferred bytes of the list, and layout shifts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

KB = 1024
FIRST, AFTERWARDS = 150 * KB, 20 * KB
SHIFT_MAX = 0.01
SHIFTS = """() => new Promise(resolve => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'layout-shift', buffered: true});
  setTimeout(() => resolve(observer.takeRecords().reduce((sum, shift) => sum + shift.value, 0)), 300);
})"""


def transferred_bytes(page: Page) -> list[float]:
    """Return a list that the size of each response is added to, including headers, as Chromium counts it."""
    session, received = page.context.new_cdp_session(page), []

    def finished(event: dict[str, Any]) -> None:
        received.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    return received


def test_the_list_transfers_few_bytes(page: Page) -> None:
    received = transferred_bytes(page)
    page.goto("/users", wait_until="networkidle")
    expect(page.get_by_role("row")).to_have_count(51)
    first = sum(received)
    received.clear()
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.get_by_role("columnheader", name="Name", exact=True)).to_have_attribute("aria-sort", "descending")
    page.wait_for_load_state("networkidle")
    assert 0 < first <= FIRST
    assert 0 < sum(received) <= AFTERWARDS


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_have_no_layout_shifts(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/users", "/users/new", "/users/{active}"):
        page.goto(address.format(**site.ids))
        assert page.evaluate(SHIFTS) < SHIFT_MAX, address
