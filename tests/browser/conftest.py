"""A real Chromium and a real server, for as long as the browser tests run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser import chromium
from tests.browser.site import EMAIL, PASSWORD, Site, inhabited

Visit = Callable[..., Page]
SECONDS = 10_000

expect.set_options(timeout=SECONDS)


# Of the package and not of the session: Playwright's event loop must not outlive these tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not os.access(chromium.PATH, os.X_OK):
        reason = f"no Chromium at {chromium.PATH}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with inhabited(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="package")
def owner_state(browser: Browser, site: Site) -> StorageState:
    """The cookies of an owner who has signed in by the form."""
    return chromium.cookies_of(browser, site.address, EMAIL, PASSWORD)


@pytest.fixture
def profile(browser: Browser) -> Iterator[Visit]:
    """Makes a page in a browser profile of its own. At the end none may have complained on its console."""
    opened = []

    def new(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce"} | options)
        context.set_default_timeout(SECONDS)
        opened.append((context, chromium.Complaints(context)))
        return context.new_page()

    yield new
    for context, _complaints in opened:
        context.close()
    assert [text for _context, complaints in opened for text in complaints.all()] == []


@pytest.fixture
def visitor(profile: Visit, site: Site) -> Page:
    """A page of someone who has not signed in."""
    return profile(base_url=site.address)


@pytest.fixture
def owners_page(profile: Visit, site: Site, owner_state: StorageState) -> Visit:
    """Makes a page of the owner's: owners_page(java_script_enabled=False)."""
    return lambda **options: profile(base_url=site.address, storage_state=owner_state, **options)


@pytest.fixture
def page(owners_page: Visit) -> Page:
    """A page of the owner's."""
    return owners_page()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either_page(request: pytest.FixtureRequest, owners_page: Visit) -> Page:
    """A page of the owner's, with and without JavaScript."""
    return owners_page(java_script_enabled=request.param)
