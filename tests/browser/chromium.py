"""Run Debian's Chromium and collect errors of its pages."""

from __future__ import annotations

import os
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

# Debian's Chromium, if possible without the windows and menus that nobody sees: those take half of the time.
PATHS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
PATH = next(filter(os.path.exists, PATHS), PATHS[0])
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # All pages are of one program. A process for each site would start anew with each page, in a third of its time.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d \([\w ]+\)")


class Chromium:
    """The browser of one test process. It starts with the first context, and restarts after a crash."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def new_context(self, **options: Any) -> BrowserContext:
        try:
            return self._started().new_context(**options)
        except Error:
            # The browser or its driver has crashed, for example after a test timeout.
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
    """Hidden errors of a browser context: failed scripts, missing files, CSP violations."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        self._refused: set[str] = set()
        self._missed: list[tuple[str, str]] = []
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.append(f"script error: {error.error}"))
        context.on("requestfailed", self._on_failed_request)
        context.on("response", self._on_response)

    def all(self) -> list[str]:
        # Chromium also logs an error for pages with a 4xx status, which tests request on purpose.
        return self + [f"{text} {url}" for text, url in self._missed if url not in self._refused]

    def forget(self) -> None:
        self.clear()
        self._refused.clear()
        self._missed.clear()

    def _on_console(self, message: ConsoleMessage) -> None:
        if REFUSAL.fullmatch(message.text):
            self._missed.append((message.text, message.location["url"]))
        elif message.type in {"error", "warning"}:
            self.append(f"console {message.type}: {message.text}")

    def _on_failed_request(self, request: Request) -> None:
        # Scripts abort searches that are outdated, and leaving a page aborts its requests.
        if request.failure != "net::ERR_ABORTED":
            self.append(f"request failed: {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if not response.request.is_navigation_request():
            if response.status >= 400:
                self.append(f"{response.status} {response.url}")
        elif response.status >= 500:
            self.append(f"{response.status} {response.url}")
        elif response.status >= 400:
            self._refused.add(response.url)


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in with the form, in any language."""
    page.goto("/login")
    page.locator("[autocomplete~=username]").fill(email)
    page.locator("[autocomplete=current-password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
