"""What a page transfers, and how far its content shifts while it loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import CDPSession, Page

KB = 1024
FIRST, AFTERWARDS = 150 * KB, 20 * KB
# The API reference has all operations on one page, to be searched with the browser.
REFERENCE, REFERENCE_MAX = "/api/docs", 64 * KB
SHIFT_MAX = 0.01
# Shifts without input of the user, each with the elements that moved, in order. Chromium keeps those of the load.
SHIFTS = """() => new Promise(resolve => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => setTimeout(() => resolve(observer.takeRecords().filter(shift => !shift.hadRecentInput)
    .map(shift => [shift.value, shift.sources.map(({node}) => (node?.outerHTML ?? node?.data ?? '').slice(0, 90))]))));
})"""


class Transfers:
    """The size of each response of a page, including headers, as Chromium counts it, since the newest navigation."""

    def __init__(self, session: CDPSession) -> None:
        self.sizes: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._on_request)
        session.on("Network.loadingFinished", self._on_finished)
        session.send("Network.enable")

    @property
    def total(self) -> float:
        return sum(self.sizes.values())

    def forget(self) -> None:
        self.sizes.clear()
        self._urls.clear()

    def excess(self) -> Iterator[str]:
        """Yield a fault if the page and its static files, or a page or part without static files, are too large."""
        if self.total > FIRST:
            yield f"transfers {self.total / KB:.1f} KB"
        for url, size in self.sizes.items():
            if size > (REFERENCE_MAX if url.endswith(REFERENCE) else AFTERWARDS) and "/static/" not in url:
                yield f"{url} transfers {size / KB:.1f} KB"

    def _on_request(self, event: dict[str, Any]) -> None:
        if event["type"] == "Document":
            self.forget()
        self._urls[event["requestId"]] = event["request"]["url"]

    def _on_finished(self, event: dict[str, Any]) -> None:
        if url := self._urls.get(event["requestId"]):
            self.sizes[url] = self.sizes.get(url, 0) + event["encodedDataLength"]


def shifts(page: Page) -> Iterator[str]:
    found = page.evaluate(SHIFTS)
    if sum(value for value, _moved in found) >= SHIFT_MAX:
        yield from (f"shifts by {value:.3f}: {' '.join(moved)}" for value, moved in found)
