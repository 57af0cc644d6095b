"""python -m tests.browser.shots: screenshots of every page in both themes, languages and widths."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
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
    open_groups,
    preview_invitations,
    send,
)
from tests.browser.site import EMAIL, FACTORS_EMAIL, OWNER, PASSWORD, Site, running_site
from tests.processes import ROOT
from tests.server import running_server
from webapp.backups.services import create_backup
from webapp.core.permissions import Actor, ActorKind

TARGET = ROOT / "build/shots"
# Pictures of the README and of docs/tour.md.
TOUR = (
    PageCase("rollcall", "/users?sort=-last_sign_in"),
    PageCase("tour/overview", "/"),
    PageCase("tour/person", "/users/{active}"),
    PageCase("tour/groups", "/groups", open_groups),
    PageCase("tour/roles", "/roles"),
    PageCase("tour/bulk-change", "/bulk/{bulk_planned}"),
    PageCase("tour/invitations", "/invitations/new", preview_invitations),
    PageCase("tour/import", "/imports/{import_planned}"),
    PageCase("tour/export", "/bulk/{bulk_export}"),
    PageCase("tour/duplicates", "/duplicates/{pair}"),
    PageCase("tour/audit-trail", "/audit"),
    PageCase("tour/webhooks", "/settings/webhooks/{webhook}"),
    PageCase("tour/settings", "/settings"),
)
LOOKS = tuple(product(("en", "ru"), ("light", "dark"), (1440, 390)))
HEIGHT, HEIGHT_MAX = 900, 1800


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.OPTIONS)
        _shoot_first_run(browser, Path(folder))
        _shoot_site(browser, Path(folder))
        _shoot_without_factor(browser, Path(folder))
        browser.close()
    print(f"{len(list(TARGET.glob('*.png')))} screenshots in {TARGET}, and those of docs/tour.md")  # noqa: T201


def _shoot_first_run(browser: Browser, folder: Path) -> None:
    (folder / "first").mkdir()
    with running_server(folder / "first") as server:
        _shoot(browser, BEFORE_SETUP, {"setup": server.setup_link})
        page = browser.new_page()
        page.goto(server.setup_link)
        send(name="Ольга Смирнова", email=EMAIL, password=PASSWORD)(page)
        _shoot(browser, AFTER_SETUP, {}, base_url=server.address, storage_state=page.context.storage_state())


def _shoot_site(browser: Browser, folder: Path) -> None:
    with running_site(folder) as site:
        _shoot_tour(browser, site)
        for cases in (PUBLIC, SIGNING_IN):
            _shoot(browser, cases, site.ids, base_url=site.address)
        member = site.create_person("Only Member", password=PASSWORD)
        for cases, email in ((MEMBERS, member.email), (WITH_FACTORS, FACTORS_EMAIL), (OWNERS, EMAIL)):
            cookies = site.signed_in_as(email)
            _shoot(browser, cases, site.ids, base_url=site.address, storage_state=cookies)


def _shoot_without_factor(browser: Browser, folder: Path) -> None:
    (folder / "staff").mkdir()
    with running_server(folder / "staff", host="localhost", MFA_REQUIRED="staff", **OWNER) as server:
        page = browser.new_page(base_url=server.address)
        chromium.sign_in(page, EMAIL, PASSWORD)
        cookies = page.context.storage_state()
        _shoot(browser, WITHOUT_FACTOR, {}, base_url=server.address, storage_state=cookies)


def _shoot(browser: Browser, cases: Iterable[PageCase], ids: dict[str, str], **options: Any) -> None:
    for language, theme, width in LOOKS:
        look = {"locale": language, "color_scheme": theme, "viewport": {"width": width, "height": HEIGHT}}
        phone = {"is_mobile": True, "has_touch": True} if width < 400 else {}
        with browser.new_context(**look, **phone, reduced_motion="reduce", **options) as context:
            page = context.new_page()
            for case in cases:
                case.visit(page, ids)
                _take_screenshot(page, TARGET / f"{case.name}-{language}-{theme}-{width}.png")


def _take_screenshot(page: Page, file: Path) -> None:
    # Wait for scripts, which show the elements that need JavaScript.
    page.wait_for_timeout(150)
    window = page.viewport_size
    assert window
    # Enlarge the window to the page: a full-page screenshot shows sticky elements in the wrong place.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(window | {"height": max(HEIGHT, min(height, HEIGHT_MAX))})
    page.screenshot(path=file)
    page.set_viewport_size(window)


def _shoot_tour(browser: Browser, site: Site) -> None:
    """Take the screenshots of the documentation, small enough to load fast on GitHub."""
    with site.app.app_context(), tempfile.TemporaryDirectory() as folder:
        create_backup(Path(folder) / "rollcall-2026-11-29.backup", by=Actor(ActorKind.COMMAND, "backup"))
    cookies = site.signed_in_as(EMAIL)
    window = {"width": 1440, "height": 760}
    with browser.new_context(base_url=site.address, storage_state=cookies, viewport=window, locale="en-GB") as context:
        page = context.new_page()
        for case in TOUR:
            case.visit(page, site.ids)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=ROOT / f"docs/{case.name}.png")
        page.goto("/")
        page.locator("section:has(#backup)").screenshot(path=ROOT / "docs/tour/backups.png")


if __name__ == "__main__":
    main()
