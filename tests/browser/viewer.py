"""Visits pages in several looks, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any, NamedTuple
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

from tests.browser.chromium import Chromium, PageErrors
from tests.browser.conftest import TIMEOUT
from tests.browser.pages import SETTLED, PageCase
from tests.browser.transfers import Transfers, shifts

# The colours of a theme change with the next frame.
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


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
        page.evaluate(NEXT_FRAME)
        page.evaluate(SETTLED)


ENGLISH, RUSSIAN = "en-GB", "ru-RU"
LANGUAGES = {ENGLISH: "en", RUSSIAN: "ru"}
# Three of four in Russian, whose texts are longer.
LOOKS = [Look(*look) for look in product((RUSSIAN, RUSSIAN, RUSSIAN, ENGLISH), ("light", "dark"), (1440, 390))]
# A visit in each language, which goes on in the other themes and widths.
ALL_LOOKS = {
    Look(language, "light", 1440): [Look(language, *look) for look in product(("light", "dark"), (1440, 390, 320))][1:]
    for language in LANGUAGES
}
# Tested without axe, unless the test is exhaustive.
NARROWEST = Look(RUSSIAN, "light", 320)

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
        looks = ALL_LOOKS if self.exhaustive else _looks_of(case)
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
            yield from ((first, fault) for fault in self._faults_of_look(page, first))
            for look in others:
                look.apply(page)
                yield from ((look, fault) for fault in self._faults_of_look(page, look))
            yield from ((first, fault) for fault in errors.all())
            if others:
                first.apply(page)
        finally:
            self._leave(first)

    def _faults_of_look(self, page: Page, look: Look) -> Iterator[str]:
        yield from _outline(page)
        yield from _size(page)
        if look.width == NARROWEST.width:
            yield from page.evaluate(CUT)
        if self.exhaustive or look.width != NARROWEST.width:
            yield from _axe(page)

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


def _looks_of(case: PageCase) -> dict[Look, list[Look]]:
    """Return the look of the page, and 320 px in Russian: in the same visit if the page is in Russian already."""
    look = LOOKS[crc32(case.name.encode()) % len(LOOKS)]
    if look.locale == RUSSIAN:
        return {look: [look._replace(width=NARROWEST.width)]}
    return {look: [], NARROWEST: []}


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
    """Yield sideways scrolling and small targets."""
    if (beyond := page.evaluate(WIDER)) > 0:
        yield f"scrolls sideways by {beyond} px"
    yield from page.evaluate(SMALL)
