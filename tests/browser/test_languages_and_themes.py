"""The chosen language and theme are kept, and pages are rendered with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.site import PASSWORD, Site
from tests.processes import ROOT
from webapp.access.models import OWNER

TRANSLATED = Path(ROOT / "webapp/translations/ru/LC_MESSAGES/messages.mo").exists()
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def page(visitor: Page, site: Site) -> Page:
    """A page of an owner whose preferences no other test uses."""
    owner = site.create_person("Only Chooser", password=PASSWORD, roles=[OWNER])
    sign_in(visitor, owner.email, PASSWORD)
    return visitor


def choose(page: Page, option: str) -> None:
    page.locator("summary").first.click()
    page.get_by_role("button", name=option).click()


def test_the_chosen_language_is_kept(page: Page) -> None:
    page.goto("/users?status=active")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choose(page, "Русский")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page).to_have_url(re.compile(r"/users\?status=active$"))
    page.goto("/users")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    if TRANSLATED:
        expect(page.get_by_role("heading", level=1)).to_have_text("Пользователи")
    choose(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")


def test_the_chosen_theme_is_kept_and_in_the_first_bytes_of_a_page(page: Page) -> None:
    page.goto("/users")
    light = page.evaluate(BACKGROUND)
    choose(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/account")
    assert page.evaluate(BACKGROUND) != light
    html = page.context.request.get("/users").text()
    assert 'data-theme="dark"' in html[:200]
    assert '<meta name="color-scheme" content="dark">' in re.sub(r"\s+", " ", html[:600])


def test_the_dark_theme_equals_the_dark_theme_of_the_system(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/users")
    system_background = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="light")
    page.reload()
    assert page.evaluate(BACKGROUND) != system_background
    choose(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(BACKGROUND) == system_background


def test_the_language_can_be_chosen_before_signing_in(visitor: Page) -> None:
    visitor.goto("/login")
    visitor.get_by_role("link", name="Русский").click()
    expect(visitor.locator("html")).to_have_attribute("lang", "ru")
    visitor.goto("/login")
    expect(visitor.locator("html")).to_have_attribute("lang", "ru")
