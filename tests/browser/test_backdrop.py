"""In a narrow window, the backdrop of the menu covers the whole width of the page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_accessibility import NARROWEST


@pytest.mark.parametrize("address", ["/views/new", "/users"])
def test_a_backdrop_covers_the_whole_width(owners_page: Visit, address: str) -> None:
    page = owners_page(locale="ru-RU", viewport={"width": NARROWEST, "height": 900})
    page.goto(address)
    covered = "getComputedStyle(document.documentElement).backgroundColor"
    ground = page.evaluate(covered)
    page.locator("[popovertarget]").first.click()
    page.locator(".side:popover-open").wait_for()
    assert page.evaluate(covered) != ground
