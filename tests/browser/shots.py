"""python -m tests.browser.shots [NAME…] [--few]: screenshots of pages in both themes, languages and widths.

Each NAME is that of a page in tests/browser/pages.py, or a pattern: `job*`. `tour` updates the pictures of the README
and of docs/tour.md. Without names, it does both for every page. `--few`: only the two most different looks.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
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
Look = tuple[str, str, int]
LOOKS: tuple[Look, ...] = tuple(product(("en", "ru"), ("light", "dark"), (1440, 390)))
FEW_LOOKS: tuple[Look, ...] = (("en", "light", 1440), ("ru", "dark", 390))
HEIGHT, HEIGHT_MAX = 900, 1800


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--few", action="store_true")
    args = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.OPTIONS)
        shooter = Shooter(browser, Path(folder), args.names, FEW_LOOKS if args.few else LOOKS)
        shooter.shoot_first_run()
        shooter.shoot_site()
        shooter.shoot_without_factor()
        browser.close()
    print(f"{len(list(TARGET.glob('*.png')))} screenshots in {TARGET}")  # noqa: T201


@dataclass(frozen=True)
class Shooter:
    """Takes screenshots of the pages that match one of `names`, or of all pages if there are none."""

    browser: Browser
    folder: Path
    names: Sequence[str]
    looks: Sequence[Look]

    def _chosen(self, cases: Iterable[PageCase]) -> list[PageCase]:
        return [case for case in cases if not self.names or any(fnmatch(case.name, name) for name in self.names)]

    def shoot_first_run(self) -> None:
        if not self._chosen((*BEFORE_SETUP, *AFTER_SETUP)):
            return
        (self.folder / "first").mkdir()
        with running_server(self.folder / "first") as server:
            self._shoot(BEFORE_SETUP, {"setup": server.setup_link})
            page = self.browser.new_page()
            page.goto(server.setup_link)
            send(name="Ольга Смирнова", email=EMAIL, password=PASSWORD)(page)
            self._shoot(AFTER_SETUP, {}, base_url=server.address, storage_state=page.context.storage_state())

    def shoot_site(self) -> None:
        wants_tour = not self.names or "tour" in self.names
        if not wants_tour and not self._chosen((*PUBLIC, *SIGNING_IN, *MEMBERS, *WITH_FACTORS, *OWNERS)):
            return
        with running_site(self.folder) as site:
            if wants_tour:
                _shoot_tour(self.browser, site)
            for cases in (PUBLIC, SIGNING_IN):
                self._shoot(cases, site.ids, base_url=site.address)
            member = site.create_person("Only Member", password=PASSWORD)
            for cases, email in ((MEMBERS, member.email), (WITH_FACTORS, FACTORS_EMAIL), (OWNERS, EMAIL)):
                cookies = site.signed_in_as(email)
                self._shoot(cases, site.ids, base_url=site.address, storage_state=cookies)

    def shoot_without_factor(self) -> None:
        if not self._chosen(WITHOUT_FACTOR):
            return
        (self.folder / "staff").mkdir()
        with running_server(self.folder / "staff", host="localhost", MFA_REQUIRED="staff", **OWNER) as server:
            page = self.browser.new_page(base_url=server.address)
            chromium.sign_in(page, EMAIL, PASSWORD)
            cookies = page.context.storage_state()
            self._shoot(WITHOUT_FACTOR, {}, base_url=server.address, storage_state=cookies)

    def _shoot(self, cases: Iterable[PageCase], ids: dict[str, str], **options: Any) -> None:
        for language, theme, width in self.looks:
            look = {"locale": language, "color_scheme": theme, "viewport": {"width": width, "height": HEIGHT}}
            phone = {"is_mobile": True, "has_touch": True} if width < 400 else {}
            with self.browser.new_context(**look, **phone, reduced_motion="reduce", **options) as context:
                page = context.new_page()
                for case in self._chosen(cases):
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
