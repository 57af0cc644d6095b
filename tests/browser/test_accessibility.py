"""Every page is accessible: axe finds no violations, nothing scrolls sideways, and all targets are large enough.

Each page is tested in one look, which its name decides: seven of eight in Russian, whose texts are longer. Then the
window is narrowed to 320 px, in Russian, where no text is cut off, and gets a width between a phone and a desktop. Of
alike rows, axe examines a few, and the menu on one page of four. `--exhaustive` tests each page with axe in every
language, theme and width: 18 looks. The same visits check that nothing on the page shifts while it loads, and that the
page transfers few bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import StorageState

from tests.browser.chromium import Chromium, sign_in
from tests.browser.conftest import Visit
from tests.browser.pages import (
    AFTER_SETUP,
    BEFORE_SETUP,
    MEMBERS,
    OWNERS,
    PUBLIC,
    SIGNING_IN,
    WITH_FACTORS,
    WITHOUT_FACTOR,
    PageCase,
    send,
)
from tests.browser.site import EMAIL, FACTORS_EMAIL, OWNER, PASSWORD, Site
from tests.browser.viewer import NARROWEST, Viewer
from tests.server import running_server


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
