"""Visits pages in several looks, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any, NamedTuple
from zlib import crc32

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Error, Page

from tests.browser.chromium import Chromium, PageErrors
from tests.browser.conftest import TIMEOUT
from tests.browser.pages import FINISH_ANIMATIONS, PageCase
from tests.browser.transfers import excess, shifts

# The colours of a theme change with the next frame. There is none on a page that Chromium does not draw.
NEXT_FRAME = """() => new Promise(done => {
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
  setTimeout(() => done(true), 2000);
})"""


class Look(NamedTuple):
    locale: str
    theme: str
    width: int

    @property
    def options(self) -> dict[str, Any]:
        """Return the options of a browser context with this look."""
        window = {"width": self.width, "height": 900}
        return {"locale": self.locale, "color_scheme": self.theme, "viewport": window, "reduced_motion": "reduce"}

    def apply(self, page: Page, *, shown: Look) -> None:
        """Show an open page, which has the look `shown`, in this theme and width."""
        if self.theme != shown.theme:
            page.emulate_media(color_scheme="dark" if self.theme == "dark" else "light")
        if self.width != shown.width:
            page.set_viewport_size({"width": self.width, "height": 900})


ENGLISH, RUSSIAN = "en-GB", "ru-RU"
LANGUAGES = {ENGLISH: "en", RUSSIAN: "ru"}
# Seven of eight in Russian, whose texts are longer, and which need no other visit for NARROWEST.
LOOKS = [Look(*look) for look in product((*[RUSSIAN] * 7, ENGLISH), ("light", "dark"), (1440, 390))]
# Tested without axe, unless the test is exhaustive.
NARROWEST = Look(RUSSIAN, "light", 320)
# The smallest widths with tables, with a menu at the side, and with two columns of cards.
MIDDLE_WIDTHS = (700, 992, 1240)
# A visit in each language, which goes on in the other themes and widths.
ALL_LOOKS = {
    Look(language, "light", 1440): [
        *[Look(language, *look) for look in product(("light", "dark"), (1440, 390, 320))][1:],
        *(Look(language, "light", width) for width in MIDDLE_WIDTHS),
    ]
    for language in LANGUAGES
}

AXE = Axe().axe_script
# Axe examines the rows, items and sections that show something new, while the others are away: its time grows with the
# elements. Nothing is new if each element in it is known, with its classes, its states and its parent.
EXAMPLES = """const EXAMPLES = 3;
const states = ['class', 'role', 'type', 'style', 'aria-current', 'aria-expanded', 'data-status'];
const removable = 'tr, li, section, article, details, nav > a';
const seen = new Map(), away = [];
const own = element => element.tagName +
  [...element.attributes].map(each => ` ${each.name}=${states.includes(each.name) ? each.value : ''}`).sort().join('');
const kind = element => `${own(element.parentElement)} > ${own(element)}`;
function leaveExamples(element) {
  for (const child of [...element.children]) {
    const removes = child.matches(removable);
    if (removes && [child, ...child.querySelectorAll('*')].every(each => seen.get(kind(each)) >= EXAMPLES)) {
      const place = document.createComment('');
      child.replaceWith(place);
      away.push([place, child]);
    } else {
      seen.set(kind(child), (seen.get(kind(child)) ?? 0) + 1);
      leaveExamples(child);
    }
  }
}"""
# The menu and the closed dialogs, the same on every page: half of the elements of most pages.
FRAME = """function leaveFrame() {
  for (const part of document.querySelectorAll('.side, .frame ~ *')) {
    if (part.matches('[open], :popover-open') || part.querySelector('[open], :popover-open')) continue;
    const place = document.createComment('');
    part.replaceWith(place);
    away.push([place, part]);
  }
}"""
# Only violations: transferring the other results takes as long as the analysis.
VIOLATIONS = f"""async ({{whole, frame}}) => {{
  {EXAMPLES}
  {FRAME}
  if (!frame) leaveFrame();
  if (!whole) leaveExamples(document.body);
  const found = await axe.run({{resultTypes: ['violations'], preload: false, iframes: false, selectors: false}});
  for (const [place, element] of away.reverse()) place.replaceWith(element);
  return found.violations;
}}"""
# Targets that are too small (WCAG 2.2, 2.5.8), except links in running text. A whole row of the list is one target.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('label') && !e.matches('.skip'))
  .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
  .map(e => [(e.closest('[data-clickable] tbody tr') ?? e).getBoundingClientRect(), e])
  .filter(([box]) => box.width && box.height && (box.height < 23.9 || box.width < 23.9))
  .map(([box, e]) => `${e.outerHTML.slice(0, 80)} is ${Math.round(box.width)} × ${Math.round(box.height)}`)"""
# How far the content is wider than the page without its scrollbar.
WIDER = "document.documentElement.scrollWidth - Math.ceil(document.documentElement.getBoundingClientRect().width)"
# Visible elements that cut off their content without a title that shows it. Fields for text scroll. Not `everywhere`:
# a text may end with an ellipsis, if there is room for some of it.
CUT = """everywhere => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden, [title]'))
  .filter(e => !e.matches('input:not([type=datetime-local]), textarea, select'))
  .filter(e => ['hidden', 'clip'].includes(getComputedStyle(e).overflowX))
  .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .filter(e => everywhere || getComputedStyle(e).textOverflow !== 'ellipsis' || e.clientWidth < 64)
  .map(e => `${e.outerHTML.slice(0, 100)} has ${e.scrollWidth} px in ${e.clientWidth} px`)"""
OUTLINE = """() => ({lang: document.documentElement.lang, wanted: navigator.language, title: document.title,
  headings: document.querySelectorAll('h1').length})"""


class Opened(NamedTuple):
    """An open page, its connection to the DevTools, and its errors."""

    page: Page
    session: CDPSession
    errors: PageErrors


class Viewer:
    """Visits pages in several looks. Browser contexts stay open between tests, because opening one is slow."""

    def __init__(self, browser: Chromium, *, exhaustive: bool, **options: Any) -> None:
        self.browser = browser
        self.exhaustive = exhaustive
        self.options = options
        self._open: dict[Look, Opened] = {}

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
        opened = self._opened(first)
        page, shown = opened.page, first
        try:
            case.visit(page, ids)
            yield from ((first, fault) for fault in [*shifts(page), *excess(page), *_outline(page)])
            for look in (first, *others):
                if look != shown:
                    before, shown = shown, look
                    look.apply(page, shown=before)
                    page.evaluate(NEXT_FRAME)
                    page.evaluate(FINISH_ANIMATIONS)
                yield from ((look, fault) for fault in self._faults_of_look(opened, look, case))
            yield from ((first, fault) for fault in opened.errors.all())
        finally:
            self._leave(first, shown=shown)

    def _faults_of_look(self, opened: Opened, look: Look, case: PageCase) -> Iterator[str]:
        yield from _size(opened.page)
        if look.width in (NARROWEST.width, *MIDDLE_WIDTHS):
            yield from opened.page.evaluate(CUT, look.width == NARROWEST.width)
        if look in LOOKS or self.exhaustive:
            frame = self.exhaustive or _has_frame_tested(case)
            yield from _axe(opened, whole=case.whole, frame=frame)

    def _opened(self, look: Look) -> Opened:
        if look not in self._open:
            context = self.browser.new_context(**look.options, **self.options)
            context.set_default_timeout(TIMEOUT)
            errors = PageErrors(context)
            page = context.new_page()
            session = context.new_cdp_session(page)
            self._open[look] = Opened(page, session, errors)
        return self._open[look]

    def _leave(self, look: Look, *, shown: Look) -> None:
        """Reset the page for the next test. Drop the context if it does not respond."""
        opened = self._open[look]
        try:
            opened.page.goto("about:blank")
            # An empty page changes its look faster.
            look.apply(opened.page, shown=shown)
            opened.errors.forget()
        except Error:
            del self._open[look]

    def close(self) -> None:
        for opened in self._open.values():
            with suppress(Error):
                opened.page.context.close()


def _looks_of(case: PageCase) -> dict[Look, list[Look]]:
    """Return the look of the page, and in Russian 320 px and a middle width: in the same visit if it is in Russian."""
    number = crc32(case.name.encode())
    look, middle = LOOKS[number % len(LOOKS)], MIDDLE_WIDTHS[number % len(MIDDLE_WIDTHS)]
    if look.locale == RUSSIAN:
        return {look: [look._replace(width=width) for width in (NARROWEST.width, middle)]}
    return {look: [], NARROWEST: [NARROWEST._replace(width=middle)]}


def _has_frame_tested(case: PageCase) -> bool:
    """Whether axe examines the frame of this page: on one page of four, so in each look several times."""
    return crc32(f"frame of {case.name}".encode()) % 4 == 0


def _outline(page: Page) -> Iterator[str]:
    has = page.evaluate(OUTLINE)
    if has["lang"] != LANGUAGES[has["wanted"]]:
        yield f"lang is {has['lang']!r}"
    if not has["title"].endswith(" · Rollcall") or has["title"].startswith(" "):
        yield f"title is {has['title']!r}"
    if has["headings"] != 1:
        yield f"{has['headings']} first headings"


def _axe(opened: Opened, *, whole: bool, frame: bool) -> Iterator[str]:
    # In half the time that `page.evaluate` takes for a script of this size.
    opened.session.send("Runtime.evaluate", {"expression": AXE})
    for violation in opened.page.evaluate(VIOLATIONS, {"whole": whole, "frame": frame}):
        for node in violation["nodes"]:
            why = " ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
            yield f"{violation['id']}: {node['html'][:120]} {why}"


def _size(page: Page) -> Iterator[str]:
    """Yield sideways scrolling and small targets."""
    if (beyond := page.evaluate(WIDER)) > 0:
        yield f"scrolls sideways by {beyond} px"
    yield from page.evaluate(SMALL)
