"""Debian's Chromium, and what its pages must not do."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    Response,
    sync_playwright,
)

PATH = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d \([\w ]+\)")


class Chromium:
    """The browser of one test process. It starts with the first context, and again if it died."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def new_context(self, **options: Any) -> BrowserContext:
        try:
            return self._started().new_context(**options)
        except Error:
            # The browser or its driver died, say of a test that ran into its limit.
            self.close()
            return self._started().new_context(**options)

    def close(self) -> None:
        for part in (self._browser and self._browser.close, self._playwright and self._playwright.stop):
            with suppress(Error):
                if part:
                    part()
        self._playwright = self._browser = None

    def _started(self) -> Browser:
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(executable_path=PATH, args=OPTIONS)
        return self._browser


class PageErrors(list[str]):
    """What went wrong in a browser context unseen: scripts that fail, files that are missing, CSP that is broken."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        self._refused: set[str] = set()
        self._missed: list[tuple[str, str]] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.append(f"script error: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def all(self) -> list[str]:
        # Chromium also complains of a page that is a refusal, which is what tests ask for.
        return self + [f"{text} {url}" for text, url in self._missed if url not in self._refused]

    def forget(self) -> None:
        self.clear()
        self._refused.clear()
        self._missed.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if REFUSAL.fullmatch(message.text):
            self._missed.append((message.text, message.location["url"]))
        elif message.type in {"error", "warning"}:
            self.append(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A search that is overtaken by the next letter, or left behind with its page, is aborted on purpose.
        if request.failure != "net::ERR_ABORTED":
            self.append(f"request failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if not response.request.is_navigation_request():
            if response.status >= 400:
                self.append(f"{response.status} {response.url}")
        elif response.status >= 500:
            self.append(f"{response.status} {response.url}")
        elif response.status >= 400:
            self._refused.add(response.url)


def sign_in(page: Page, who: str, password: str) -> None:
    """By the form, in whatever language it is."""
    page.goto("/login")
    page.locator("[autocomplete=username]").fill(who)
    page.locator("[autocomplete=current-password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
