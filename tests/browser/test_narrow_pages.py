"""In a window of 320 px, Russian texts fit: nothing scrolls sideways and no text is cut off.

test_accessibility.py measures both languages, but no page in all of its looks.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.pages import OWNERS, PUBLIC, PageCase
from tests.browser.site import Site
from tests.browser.test_accessibility import NARROWEST, WIDER, each

LOOK: dict[str, Any] = {"locale": "ru-RU", "viewport": {"width": NARROWEST, "height": 900}}
# Visible elements that cut off their content without a title that shows it. Fields for text scroll.
CUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden, [title]'))
  .filter(e => !e.matches('input:not([type=datetime-local]), textarea, select'))
  .filter(e => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX))
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .map(e => `${e.outerHTML.slice(0, 100)} has ${e.scrollWidth} px in ${e.clientWidth} px`)"""


def faults(page: Page, case: PageCase, site: Site) -> list[str]:
    case.visit(page, site.ids)
    beyond = page.evaluate(WIDER)
    return [*page.evaluate(CUT), *([f"scrolls sideways by {beyond} px"] if beyond > 0 else [])]


@each(OWNERS)
def test_the_texts_of_an_owners_page_fit(owners_page: Visit, site: Site, case: PageCase) -> None:
    assert faults(owners_page(**LOOK), case, site) == []


@each(PUBLIC)
def test_the_texts_of_a_page_before_signing_in_fit(profile: Visit, site: Site, case: PageCase) -> None:
    assert faults(profile(base_url=site.address, **LOOK), case, site) == []


@pytest.mark.parametrize("address", ["/views/new", "/users"])
def test_a_backdrop_covers_the_whole_width(owners_page: Visit, address: str) -> None:
    page = owners_page(**LOOK)
    page.goto(address)
    covered = "getComputedStyle(document.documentElement).backgroundColor"
    ground = page.evaluate(covered)
    page.locator("[popovertarget]").first.click()
    page.locator(".side:popover-open").wait_for()
    assert page.evaluate(covered) != ground
