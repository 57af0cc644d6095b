"""No page hinders anyone: axe finds nothing, nothing scrolls sideways, and everything can be hit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.chromium import cookies_of
from tests.browser.conftest import Visit
from tests.browser.pages import AFTER_SETUP, BEFORE_SETUP, MEMBERS, OWNERS, PUBLIC, Place, send
from tests.browser.site import EMAIL, PASSWORD, SETTINGS, Site
from tests.running import running

# Every pair of language, theme and width at half the runs of all eight.
LOOKS = [("en-GB", "light", 1440), ("en-GB", "dark", 390), ("ru-RU", "dark", 1440), ("ru-RU", "light", 390)]
LANGUAGES = {"en-GB": "en", "ru-RU": "ru"}
NARROWEST = 320

AXE = Axe().axe_script
# To hand over what else axe looked at would take as long as to look.
VIOLATIONS = """() => axe.run({resultTypes: ['violations'], preload: false, iframes: false})
  .then(found => found.violations)"""
# What can be pressed and is too small for a finger (WCAG 2.2, 2.5.8), unless it is a link in running text.
# Rows of people can be pressed as a whole.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('label') && !e.matches('.skip'))
  .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
  .map(e => [(e.closest('[data-clickable] tbody tr') ?? e).getBoundingClientRect(), e])
  .filter(([box]) => box.width && box.height && (box.height < 23.9 || box.width < 23.9))
  .map(([box, e]) => `${e.outerHTML.slice(0, 80)} is ${Math.round(box.width)} × ${Math.round(box.height)}`)"""
# Against the page's own width: a scrollbar's place is not there to be scrolled into.
WIDER = "document.documentElement.scrollWidth - Math.ceil(document.documentElement.getBoundingClientRect().width)"
OUTLINE = """() => ({lang: document.documentElement.lang, title: document.title,
  headings: document.querySelectorAll('h1').length})"""


def looking(locale: str, theme: str, width: int) -> dict[str, Any]:
    """The options of a browser that shows pages so."""
    return {"locale": locale, "color_scheme": theme, "viewport": {"width": width, "height": 900}}


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    return looking(*request.param)


@pytest.fixture(scope="module")
def member_state(browser: Browser, site: Site) -> StorageState:
    """The cookies of someone who may do nothing but sign in."""
    site.people.create(email="member@rollcall.example", name="Only Member", password=PASSWORD)
    return cookies_of(browser, site.address, "member@rollcall.example", PASSWORD)


def faults(page: Page, places: Iterable[Place], ids: dict[str, str]) -> list[str]:
    """Everything that is wrong with the places, one line each."""
    found = []
    for place in places:
        place.visit(page, ids)
        found += [f"{place.name}: {fault}" for fault in [*_outline(page), *_axe(page), *_size(page)]]
    return found


def _outline(page: Page) -> Iterator[str]:
    has = page.evaluate(OUTLINE)
    if has["lang"] != LANGUAGES[page.evaluate("navigator.language")]:
        yield f"lang is {has['lang']!r}"
    if not has["title"].endswith(" · Rollcall") or has["title"].startswith(" "):
        yield f"title is {has['title']!r}"
    if has["headings"] != 1:
        yield f"{has['headings']} first headings"


def _axe(page: Page) -> Iterator[str]:
    page.evaluate(AXE)
    for violation in page.evaluate(VIOLATIONS):
        for node in violation["nodes"]:
            why = " ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
            yield f"{violation['id']}: {node['html'][:120]} {why}"


def _size(page: Page) -> Iterator[str]:
    """Sideways scrolling and small targets, in this window and, if it is a phone's, in the narrowest."""
    wide = page.viewport_size
    assert wide
    for width in {wide["width"], NARROWEST} if wide["width"] < 400 else {wide["width"]}:
        page.set_viewport_size({"width": width, "height": wide["height"]})
        if (beyond := page.evaluate(WIDER)) > 0:
            yield f"scrolls sideways by {beyond} px at {width}"
        yield from (f"{target} at {width}" for target in page.evaluate(SMALL))
    page.set_viewport_size(wide)


def test_the_owners_pages_are_for_everybody(owners_page: Visit, site: Site, look: dict[str, Any]) -> None:
    assert "\n".join(faults(owners_page(**look), OWNERS, site.ids)) == ""


def test_the_pages_before_signing_in_are_for_everybody(profile: Visit, site: Site, look: dict[str, Any]) -> None:
    assert "\n".join(faults(profile(base_url=site.address, **look), PUBLIC, site.ids)) == ""


def test_the_members_pages_are_for_everybody(
    profile: Visit, site: Site, member_state: StorageState, look: dict[str, Any]
) -> None:
    page = profile(base_url=site.address, storage_state=member_state, **look)
    assert "\n".join(faults(page, MEMBERS, site.ids)) == ""


def test_the_first_pages_anyone_sees_are_for_everybody(profile: Visit, tmp_path: Path) -> None:
    with running(tmp_path, **SETTINGS) as server:
        ids, looks = {"setup": server.setup_link}, [looking(*look) for look in LOOKS]
        found = [fault for look in looks for fault in faults(profile(**look), BEFORE_SETUP, ids)]
        first = profile()
        first.goto(server.setup_link)
        send(name="Ольга Смирнова", email=EMAIL, password=PASSWORD)(first)
        owner = {"base_url": server.address, "storage_state": first.context.storage_state()}
        found += [fault for look in looks for fault in faults(profile(**owner, **look), AFTER_SETUP, ids)]
    assert "\n".join(found) == ""
