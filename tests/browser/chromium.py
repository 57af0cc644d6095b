"""Debian's Chromium, and what its pages must not do."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, StorageState

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


class Complaints(list[str]):
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


def cookies_of(browser: Browser, address: str, who: str, password: str) -> StorageState:
    """What a browser keeps of someone who has signed in."""
    context = browser.new_context(base_url=address)
    sign_in(context.new_page(), who, password)
    state = context.storage_state()
    context.close()
    return state
