"""Every page is accessible: axe finds no violations, nothing scrolls sideways, and all targets are large enough.

Each page is tested in one look, which its name decides. `--exhaustive` tests each page with axe in every language,
theme and width: 12 looks. In a window of 320 px in Russian, no text is cut off. The same visits check that nothing on
the page shifts while it loads, and that the page transfers few bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, StorageState

from tests.browser.chromium import Chromium, PageErrors, sign_in
from tests.browser.conftest import TIMEOUT, Visit
from tests.browser.pages import (
    AFTER_SETUP,
    BEFORE_SETUP,
    MEMBERS,
    OWNERS,
    PUBLIC,
    SETTLED,
    SIGNING_IN,
    WITH_FACTORS,
    WITHOUT_FACTOR,
    PageCase,
    send,
)
from tests.browser.site import EMAIL, FACTORS_EMAIL, OWNER, PASSWORD, Site
from tests.browser.transfers import Transfers, shifts
from tests.server import running_server


class Look(NamedTuple):
    locale: str
    theme: str
    width: int

    @property
    def options(self) -> dict[str, Any]:
        """Return the options of a browser context with this look."""
        window = {"width": self.width, "height": 900}
        return {"locale": self.locale, "color_scheme": self.theme, "viewport": window, "reduced_motion": "reduce"}

    def apply(self, page: Page) -> None:
        """Show an open page in this theme and width."""
        page.emulate_media(color_scheme="dark" if self.theme == "dark" else "light")
        page.set_viewport_size({"width": self.width, "height": 900})
        page.evaluate(SETTLED)


LANGUAGES = {"en-GB": "en", "ru-RU": "ru"}
LOOKS = [Look(*look) for look in product(LANGUAGES, ("light", "dark"), (1440, 390))]
# A visit in each language and on a wide and a narrow screen, which goes on in the other themes and widths.
ALL_LOOKS = {
    Look(language, "light", widths[0]): [Look(language, *look) for look in product(("light", "dark"), widths)][1:]
    for language, widths in product(LANGUAGES, ((1440,), (390, 320)))
}
# Tested without axe, unless the test is exhaustive.
NARROWEST = Look("ru-RU", "light", 320)

AXE = Axe().axe_script
# Only violations: transferring the other results takes as long as the analysis.
VIOLATIONS = """() => axe.run({resultTypes: ['violations'], preload: false, iframes: false, selectors: false})
  .then(found => found.violations)"""
# Targets that are too small (WCAG 2.2, 2.5.8), except links in running text. A whole row of the list is one target.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('label') && !e.matches('.skip'))
  .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
  .map(e => [(e.closest('[data-clickable] tbody tr') ?? e).getBoundingClientRect(), e])
  .filter(([box]) => box.width && box.height && (box.height < 23.9 || box.width < 23.9))
  .map(([box, e]) => `${e.outerHTML.slice(0, 80)} is ${Math.round(box.width)} × ${Math.round(box.height)}`)"""
# How far the content is wider than the page without its scrollbar.
WIDER = "document.documentElement.scrollWidth - Math.ceil(document.documentElement.getBoundingClientRect().width)"
# Visible elements that cut off their content without a title that shows it. Fields for text scroll.
CUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden, [title]'))
  .filter(e => !e.matches('input:not([type=datetime-local]), textarea, select'))
  .filter(e => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX))
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .map(e => `${e.outerHTML.slice(0, 100)} has ${e.scrollWidth} px in ${e.clientWidth} px`)"""
OUTLINE = """() => ({lang: document.documentElement.lang, title: document.title,
  headings: document.querySelectorAll('h1').length})"""


class Viewer:
    """Visits pages in several looks. Browser contexts stay open between tests, because opening one is slow."""

    def __init__(self, browser: Chromium, *, exhaustive: bool, **options: Any) -> None:
        self.browser = browser
        self.exhaustive = exhaustive
        self.options = options
        self._open: dict[Look, tuple[Page, PageErrors, Transfers]] = {}

    def faults(self, case: PageCase, ids: dict[str, str]) -> str:
        """Return all problems of the page, one on each line."""
        chosen = LOOKS[crc32(case.name.encode()) % len(LOOKS)]
        looks = ALL_LOOKS if self.exhaustive else {chosen: [], NARROWEST: []}
        return "\n".join(
            f"{case.name}, {'-'.join(map(str, look))}: {fault}"
            for first, others in looks.items()
            for look, fault in self._faults_of_visit(first, others, case, ids)
        )

    def _faults_of_visit(
        self, first: Look, others: list[Look], case: PageCase, ids: dict[str, str]
    ) -> Iterator[tuple[Look, str]]:
        """Visit the page once, and show it in the other looks without loading it again."""
        page, errors, transfers = self._page(first)
        try:
            case.visit(page, ids)
            yield from ((first, fault) for fault in [*shifts(page), *transfers.excess()])
            for look in [first, *others]:
                if look != first:
                    look.apply(page)
                found = [*_outline(page), *_size(page), *(_cut(page) if look.width == NARROWEST.width else [])]
                found += _axe(page) if self.exhaustive or look != NARROWEST else []
                yield from ((look, fault) for fault in found)
            yield from ((first, fault) for fault in errors.all())
            if others:
                first.apply(page)
        finally:
            self._leave(first)

    def _page(self, look: Look) -> tuple[Page, PageErrors, Transfers]:
        if look not in self._open:
            context = self.browser.new_context(**look.options, **self.options)
            context.set_default_timeout(TIMEOUT)
            errors = PageErrors(context)
            page = context.new_page()
            self._open[look] = page, errors, Transfers(page)
        return self._open[look]

    def _leave(self, look: Look) -> None:
        """Reset the page for the next test. Drop the context if it does not respond."""
        page, errors, transfers = self._open[look]
        try:
            page.goto("about:blank")
            errors.forget()
            transfers.forget()
        except Error:
            del self._open[look]

    def close(self) -> None:
        for page, *_watching in self._open.values():
            with suppress(Error):
                page.context.close()


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


def _cut(page: Page) -> list[str]:
    return page.evaluate(CUT)


def _size(page: Page) -> Iterator[str]:
    """Yield sideways scrolling and small targets."""
    if (beyond := page.evaluate(WIDER)) > 0:
        yield f"scrolls sideways by {beyond} px"
    yield from page.evaluate(SMALL)


def each(cases: Iterable[PageCase]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def owner(browser: Chromium, site: Site, owner_state: StorageState, exhaustive: bool) -> Iterator[Viewer]:
    with closing(Viewer(browser, exhaustive=exhaustive, base_url=site.address, storage_state=owner_state)) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def member(browser: Chromium, site: Site, exhaustive: bool) -> Iterator[Viewer]:
    """A viewer without permissions."""
    person = site.create_person("Only Member", password=PASSWORD)
    state = site.signed_in_as(person.email)
    with closing(Viewer(browser, exhaustive=exhaustive, base_url=site.address, storage_state=state)) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def visitor(browser: Chromium, site: Site, exhaustive: bool) -> Iterator[Viewer]:
    """A viewer who is not signed in."""
    with closing(Viewer(browser, exhaustive=exhaustive, base_url=site.address)) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def careful(browser: Chromium, site: Site, exhaustive: bool) -> Iterator[Viewer]:
    """A viewer who has an app, a passkey and recovery codes."""
    state = site.signed_in_as(FACTORS_EMAIL)
    with closing(Viewer(browser, exhaustive=exhaustive, base_url=site.address, storage_state=state)) as viewer:
        yield viewer


@pytest.fixture(scope="module")
def without_factor(browser: Chromium, tmp_path_factory: pytest.TempPathFactory, exhaustive: bool) -> Iterator[Viewer]:
    """An owner who has to add a second factor."""
    with running_server(tmp_path_factory.mktemp("staff"), host="localhost", MFA_REQUIRED="staff", **OWNER) as server:
        context = browser.new_context(locale="en-GB", base_url=server.address)
        sign_in(context.new_page(), EMAIL, PASSWORD)
        state = context.storage_state()
        context.close()
        with closing(Viewer(browser, exhaustive=exhaustive, base_url=server.address, storage_state=state)) as viewer:
            yield viewer


@pytest.fixture(scope="module")
def first_owner(browser: Chromium, tmp_path_factory: pytest.TempPathFactory, exhaustive: bool) -> Iterator[Viewer]:
    """An owner who is the only user, just after the setup."""
    with running_server(tmp_path_factory.mktemp("first")) as server:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(server.setup_link)
        send(name="Ольга Смирнова", email=EMAIL, password=PASSWORD)(page)
        state = context.storage_state()
        context.close()
        with closing(Viewer(browser, exhaustive=exhaustive, base_url=server.address, storage_state=state)) as viewer:
            yield viewer


@each(OWNERS)
def test_an_owners_page_is_accessible(owner: Viewer, site: Site, case: PageCase) -> None:
    assert owner.faults(case, site.ids) == ""


@each(PUBLIC)
def test_a_page_before_signing_in_is_accessible(visitor: Viewer, site: Site, case: PageCase) -> None:
    assert visitor.faults(case, site.ids) == ""


@each(SIGNING_IN)
def test_a_page_after_signing_in_is_accessible(browser: Chromium, site: Site, exhaustive: bool, case: PageCase) -> None:
    with closing(Viewer(browser, exhaustive=exhaustive, base_url=site.address)) as viewer:
        assert viewer.faults(case, site.ids) == ""


@each(WITH_FACTORS)
def test_a_page_of_people_with_factors_is_accessible(careful: Viewer, site: Site, case: PageCase) -> None:
    assert careful.faults(case, site.ids) == ""


@each(WITHOUT_FACTOR)
def test_a_page_that_asks_for_a_second_factor_is_accessible(without_factor: Viewer, case: PageCase) -> None:
    assert without_factor.faults(case, {}) == ""


@each(MEMBERS)
def test_a_members_page_is_accessible(member: Viewer, site: Site, case: PageCase) -> None:
    assert member.faults(case, site.ids) == ""


def test_the_setup_page_is_accessible(browser: Chromium, tmp_path: Path, exhaustive: bool) -> None:
    with running_server(tmp_path) as server, closing(Viewer(browser, exhaustive=exhaustive)) as viewer:
        assert [viewer.faults(case, {"setup": server.setup_link}) for case in BEFORE_SETUP] == [""] * len(BEFORE_SETUP)


@each(AFTER_SETUP)
def test_a_page_after_the_setup_is_accessible(first_owner: Viewer, case: PageCase) -> None:
    assert first_owner.faults(case, {}) == ""


@pytest.mark.parametrize("address", ["/views/new", "/users"])
def test_a_backdrop_covers_the_whole_width(owners_page: Visit, address: str) -> None:
    page = owners_page(**NARROWEST.options)
    page.goto(address)
    covered = "getComputedStyle(document.documentElement).backgroundColor"
    ground = page.evaluate(covered)
    page.locator("[popovertarget]").first.click()
    page.locator(".side:popover-open").wait_for()
    assert page.evaluate(covered) != ground
