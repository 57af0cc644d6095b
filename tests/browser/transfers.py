"""What a page transfers, and how far its content shifts while it loads."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

KB = 1024
FIRST, AFTERWARDS = 150 * KB, 20 * KB
# The API reference has all operations on one page, to be searched with the browser.
REFERENCE, REFERENCE_MAX = "/api/docs", 64 * KB
SHIFT_MAX = 0.01
TRANSFERRED = """() => Object.fromEntries(['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type))
  .map(({name, transferSize}) => [name, transferSize]))"""
# Shifts without input of the user, each with the elements that moved, in order. Chromium keeps those of the load. The
# newest come with the next frame, if there is one.
SHIFTS = """() => new Promise(resolve => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'layout-shift', buffered: true});
  const finish = () => resolve(observer.takeRecords().filter(shift => !shift.hadRecentInput)
    .map(shift => [shift.value, shift.sources.map(({node}) => (node?.outerHTML ?? node?.data ?? '').slice(0, 90))]));
  requestAnimationFrame(() => setTimeout(finish));
  setTimeout(finish, 2000);
})"""


def transferred(page: Page) -> dict[str, float]:
    """Return the bytes of each response since the newest navigation, by address. Files from the cache have none.

    Chromium counts each response with 300 bytes of headers.
    """
    return page.evaluate(TRANSFERRED)


def excess(page: Page) -> Iterator[str]:
    """Yield a fault if the page and its static files, or a page or part without static files, are too large."""
    sizes = transferred(page)
    if (total := sum(sizes.values())) > FIRST:
        yield f"transfers {total / KB:.1f} KB"
    for url, size in sizes.items():
        if size > (REFERENCE_MAX if url.endswith(REFERENCE) else AFTERWARDS) and "/static/" not in url:
            yield f"{url} transfers {size / KB:.1f} KB"


def shifts(page: Page) -> Iterator[str]:
    found = page.evaluate(SHIFTS)
    if sum(value for value, _moved in found) >= SHIFT_MAX:
        yield from (f"shifts by {value:.3f}: {' '.join(moved)}" for value, moved in found)
