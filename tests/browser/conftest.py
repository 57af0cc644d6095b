"""Fixtures of the browser tests: a real Chromium and a real server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from playwright.sync_api import Error, Page, StorageState, expect

from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.site import EMAIL, Site, running_site
from tests.required import require

Visit = Callable[..., Page]
# Milliseconds for one step. A step takes less than a second on an idle machine.
TIMEOUT = 60_000

expect.set_options(timeout=TIMEOUT)


# Package scope, not session scope, because Playwright's event loop must end with these tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    """Chromium, which restarts after a crash."""
    require(os.access(chromium.PATH, os.X_OK), f"no Chromium at {chromium.PATH}")
    with closing(Chromium()) as browser:
        yield browser


@pytest.fixture(scope="package")
def site(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="package")
def owner_state(site: Site) -> StorageState:
    """The cookies of a signed-in owner."""
    return site.signed_in_as(EMAIL)


@pytest.fixture
def profile(browser: Chromium) -> Iterator[Visit]:
    """Return a function that opens a page in a new browser profile. Fail at the end if a page had errors."""
    opened = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce"} | options)
        context.set_default_timeout(TIMEOUT)
        opened.append((context, chromium.PageErrors(context)))
        return context.new_page()

    yield open_page
    for context, _errors in opened:
        # After a crash, the context is already closed.
        with suppress(Error):
            context.close()
    assert [text for _context, errors in opened for text in errors.all()] == []


@pytest.fixture
def visitor(profile: Visit, site: Site) -> Page:
    """A page of a visitor who is not signed in."""
    return profile(base_url=site.address)


@pytest.fixture
def owners_page(profile: Visit, site: Site, owner_state: StorageState) -> Visit:
    """Return a function that opens a page as the owner: owners_page(java_script_enabled=False)."""
    return lambda **options: profile(base_url=site.address, storage_state=owner_state, **options)


@pytest.fixture
def page(owners_page: Visit) -> Page:
    """A page of the owner."""
    return owners_page()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either_page(request: pytest.FixtureRequest, owners_page: Visit) -> Page:
    """A page of the owner, with and without JavaScript."""
    return owners_page(java_script_enabled=request.param)
